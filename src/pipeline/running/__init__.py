"""What keeps a run safe: whose it is, locks, memory, SLURM, results taken over.

Finished: repair it, add nothing. Nothing of a family of experiments imports it.
"""

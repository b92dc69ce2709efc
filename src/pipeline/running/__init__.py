"""What keeps a run safe: whose it is, locks, memory, SLURM, results taken over.

Finished: mend it, add nothing. Nothing of a slice imports it.
"""

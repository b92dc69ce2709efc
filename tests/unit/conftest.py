"""Settings that all unit tests share."""

from hypothesis import settings

# No deadline, since nothing here is timed; the same examples each time, so that a failure is of
# the code and not of the day.
settings.register_profile("unit", deadline=None, derandomize=True, max_examples=30)
settings.load_profile("unit")

"""The one exception a person is meant to read: what is wrong, what was expected, what to do."""


class Refusal(Exception):
    """Input that cannot give a meaningful result.

    The message names the file or key, the value found, the value expected and what to do.
    Programs print it alone, without a traceback, and exit with status 1.
    """

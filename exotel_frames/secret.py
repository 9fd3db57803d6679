"""A string that is shown only on request."""

from __future__ import annotations


class Secret:
    """A string that is shown only on request.

    It never appears in a `repr`, an f-string, a pickle or a saved notebook.

    Parameters
    ----------
    value : str
        The string.

    Examples
    --------
    >>> password = Secret("hunter2")
    >>> password
    •••
    >>> password.reveal()
    'hunter2'
    """

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    def reveal(self) -> str:
        """Return the string itself.

        Returns
        -------
        str
            The string.
        """
        return self._value

    def __repr__(self) -> str:
        return "•••"

    __str__ = __repr__

    def __format__(self, spec: str) -> str:
        return format("•••", spec)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and other._value == self._value

    def __hash__(self) -> int:
        return hash(self._value)

    def __copy__(self) -> Secret:
        return self

    def __deepcopy__(self, memo: object) -> Secret:
        return self

    def __reduce__(self) -> str:
        raise TypeError("A secret can't be pickled: call reveal() on purpose, or connect again.")

"""Whole columns of texts made comparable or readable at once: the same as cell by cell."""

import pandas as pd
import pytest

from exotel_frames.frames.arrow_columns import PLAIN_MAX
from exotel_frames.frames.compare import join_texts, quoted, same
from exotel_frames.text import quote_value

TEXTS = ["vip", "", "a\tb", "o'neil", "Zoë", "x" * PLAIN_MAX, "x" * (PLAIN_MAX + 1), "-" * 5000, "two\nlines", None]


@pytest.mark.parametrize("texts", [TEXTS, TEXTS[:1], [None], []])
def test_a_column_is_quoted_as_each_of_its_cells_is(texts):
    made = quoted(pd.Series(texts, dtype="str", index=range(7, 7 + len(texts))))
    assert made.tolist() == ["none" if text is None else quote_value(text) for text in texts]
    assert made.index.tolist() == list(range(7, 7 + len(texts)))


def test_texts_and_columns_are_put_together_row_by_row():
    index = pd.Index(["x", "y"])
    made = join_texts(index, "was ", pd.Series(["active", None], dtype="str"), ", is ", pd.Series(["on", "off"]), ".")
    assert made.to_dict() == {"x": "was active, is on.", "y": "was none, is off."}
    assert join_texts(index, "alike").tolist() == ["alike", "alike"]
    assert join_texts(pd.Index([]), "nobody").tolist() == []


@pytest.mark.parametrize("dtypes", [("str", "str"), ("str", "object"), ("object", "object")])
def test_two_columns_are_compared_by_position_whatever_they_are_made_of(dtypes):
    cells, index = (["a", None, "b", None], ["a", None, "c", "d"]), [7, 7, 9, 3]
    one, other = (pd.Series(column, dtype=dtype, index=index) for column, dtype in zip(cells, dtypes, strict=True))
    alike = same(one, other)
    assert alike.tolist() == [True, True, False, False]
    assert alike.index.tolist() == index

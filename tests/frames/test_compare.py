"""Whole columns of texts made comparable or readable at once: the same as cell by cell."""

import pandas as pd
import pyarrow as pa
import pytest

from exotel_frames.frames.arrow_columns import PLAIN_MAX, join_pieces, quote_texts
from exotel_frames.frames.compare import same
from exotel_frames.frames.text_column import TEXT
from exotel_frames.text import quote_value

TEXTS = ["vip", "", "a\tb", "o'neil", "Zoë", "x" * PLAIN_MAX, "x" * (PLAIN_MAX + 1), "-" * 5000, "two\nlines", None]


@pytest.mark.parametrize("texts", [TEXTS, TEXTS[:1], [None], []])
def test_a_column_is_quoted_as_each_of_its_cells_is(texts):
    made = quote_texts(pa.array(texts, TEXT))
    assert made.to_pylist() == ["none" if text is None else quote_value(text) for text in texts]


def test_texts_and_columns_are_put_together_row_by_row():
    made = join_pieces(2, "was ", pa.array(["active", None], TEXT), ", is ", pa.array(["on", "off"], TEXT), ".")
    assert made.to_pylist() == ["was active, is on.", "was none, is off."]
    assert join_pieces(2, "alike").to_pylist() == ["alike", "alike"]
    assert join_pieces(0, "nobody").to_pylist() == []


@pytest.mark.parametrize("dtypes", [("str", "str"), ("str", "object"), ("object", "object")])
def test_two_columns_are_compared_by_position_whatever_they_are_made_of(dtypes):
    cells, index = (["a", None, "b", None], ["a", None, "c", "d"]), [7, 7, 9, 3]
    one, other = (pd.Series(column, dtype=dtype, index=index) for column, dtype in zip(cells, dtypes, strict=True))
    alike = same(one, other)
    assert alike.tolist() == [True, True, False, False]
    assert alike.index.tolist() == index

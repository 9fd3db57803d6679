"""CSV, read strictly as text: what is clear is read as it stands, what is not is refused and said."""

import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from exotel_frames.errors import WorkbookError
from exotel_frames.workbooks import read_table
from tests.workbooks.excel_kit import NASTY_NAMES, plain
from tests.workbooks.wording import NAME_COLUMN


def csv_file(folder, text):
    """Write bytes, or text in UTF-8, and return the path."""
    path = folder / "new.csv"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def refused(folder, text):
    """Return what is said about a file that can't be read."""
    with pytest.raises(WorkbookError) as error:
        read_table(csv_file(folder, text))
    return str(error.value)


def test_every_field_is_the_text_that_stands_there(tmp_path):
    fields = ["NA", "", " x ", "1e5", "=1+1", 'say "hi"', "a,b", "two\nlines", "TRUE"]
    quoted = [f'"{field.replace(chr(34), chr(34) * 2)}"' for field in fields]
    lines = [f"{name},{field}" for name, field in zip(NASTY_NAMES, quoted, strict=False)]
    frame = read_table(csv_file(tmp_path, "\n".join(["subscriber_name,custom_field", *lines]) + "\n"))
    assert plain(frame["subscriber_name"]) == NASTY_NAMES[:9]
    assert plain(frame["custom_field"]) == [field or None for field in fields]
    assert {str(dtype) for dtype in frame.dtypes} == {"str"}


@pytest.mark.parametrize("break_", ["\n", "\r\n", "\r"])
def test_any_line_break_and_a_byte_order_mark_do_no_harm(tmp_path, break_):
    text = break_.join(["\ufeffsubscriber_name,note", "007,a", "", "1E5,b", ""])
    frame = read_table(csv_file(tmp_path, text))
    assert plain(frame["subscriber_name"]) == ["007", "1E5"]
    assert frame.attrs["exotel_frames"]["row_numbers"] == [2, 4]


def test_one_column_needs_no_comma(tmp_path):
    assert plain(read_table(csv_file(tmp_path, "subscriber_name\n007\n"))["subscriber_name"]) == ["007"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("subscriber_name,note\n007\n1E5,a,b\n", "line 2 has 1 field, but the header has 2(.|\n)*line 3 has 3 fields"),
        ('subscriber_name,note\n007,"a\n1E5,b\n', "begins on line 2 is broken"),
        ("subscriber_name,note,note\n007,a,b\n", "second 'note'"),
        ("subscriber_name,Status\n007,active\n", "Rename it to status"),
        ("name,note\n007,a\n", NAME_COLUMN),
        (b"subscriber_name,note\n00\x007,a\n", "binary file"),
        (b"", "it is empty"),
        ("<html><table>", "HTML"),
        ('{"subscriber_name": "007"}', "JSON"),
    ],
)
def test_what_is_unclear_is_refused_and_said(tmp_path, text, said):
    with pytest.raises(WorkbookError, match=said):
        read_table(csv_file(tmp_path, text))


def test_ragged_lines_are_problems_with_their_rows(tmp_path):
    with pytest.raises(WorkbookError) as error:
        read_table(csv_file(tmp_path, "subscriber_name,note\na,b\nc\nd,e\nf,g,h\n"))
    assert error.value.problems["row"].tolist() == [1, 3]


def test_a_workbook_is_not_taken_for_csv(tmp_path):
    assert "can't be read as a workbook" in refused(tmp_path, b"PK\x03\x04")


@pytest.mark.parametrize(("delimiter", "name"), [(";", "semicolons"), ("\t", "tabs"), ("|", "vertical bars")])
def test_another_delimiter_is_found_and_said(tmp_path, capsys, delimiter, name):
    text = "subscriber_name,custom_field,note\n007,x,\n1E5,,y\n".replace(",", delimiter)
    frame = read_table(csv_file(tmp_path, text))
    assert frame.attrs["exotel_frames"]["delimiter"] == delimiter
    assert capsys.readouterr().out == f"new.csv: read with {name} between the fields; no verb reads 'note'.\n"
    assert plain(frame["custom_field"]) == ["x", None]


@pytest.mark.parametrize("first", ["sep=;", '"sep=;"', "SEP=;"])
def test_the_line_about_the_delimiter_is_no_record_and_lines_count_on(tmp_path, first):
    frame = read_table(csv_file(tmp_path, f"{first}\r\nsubscriber_name;note\r\n007;a,b\r\n"))
    assert plain(frame["note"]) == ["a,b"]
    assert frame.attrs["exotel_frames"]["row_numbers"] == [3]


def test_headers_of_others_tell_the_delimiter_too(tmp_path):
    frame = read_table(csv_file(tmp_path, "Name, first;Emp ID\nPriya, S;007\n"), columns={"Emp ID": "subscriber_name"})
    assert frame.iloc[0].to_dict() == {"subscriber_name": "007", "Name, first": "Priya, S"}


def test_a_delimiter_that_can_not_be_told_is_asked_for(tmp_path):
    text = "Emp;ID,Team;x\n007;a,west;b\n"
    assert "pass delimiter=',' (commas) or delimiter=';' (semicolons)" in refused(tmp_path, text)
    with pytest.raises(WorkbookError, match=r"\(there: 'Emp;ID', 'Team;x'\)"):
        read_table(csv_file(tmp_path, text), delimiter=",")


def test_the_caller_may_overrule_delimiter_and_encoding(tmp_path):
    frame = read_table(
        csv_file(tmp_path, "subscriber_name:team\n007:Řehoř\n".encode("cp1250")), delimiter=":", encoding="cp1250"
    )
    assert plain(frame["team"]) == ["Řehoř"]
    with pytest.raises(WorkbookError, match=r"line 2 is not in utf-8 \(byte 0xD8\)"):
        read_table(tmp_path / "new.csv", delimiter=":", encoding="utf-8")
    with pytest.raises(WorkbookError, match="'klingon' is not one that Python knows"):
        read_table(tmp_path / "new.csv", encoding="klingon")
    with pytest.raises(WorkbookError, match="not a single character"):
        read_table(tmp_path / "new.csv", delimiter="::", encoding="cp1250")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_unicode_of_any_kind_is_read(tmp_path, encoding):
    frame = read_table(csv_file(tmp_path, "subscriber_name\tcustom_field\r\n007\tप्रिया é 😀\r\n".encode(encoding)))
    assert plain(frame["custom_field"]) == ["प्रिया é 😀"]
    assert frame.attrs["exotel_frames"]["encoding"] == ("UTF-8" if "8" in encoding else encoding[:6].upper())


WORDS = [
    ("José", "cp1252"), ("Müller; Zoë", "cp1252"), ("Muñoz", "cp1252"), ("São Paulo", "cp1252"), ("€50 “A”", "cp1252"),
    ("café à côté", "cp1252"), ("Łukasz Żółć", "cp1250"), ("Dvořák Jiří", "cp1250"), ("Иван Петров", "cp1251"),
    ("продажи", "cp1251"), ("Αθήνα πωλήσεις", "cp1253"), ("テスト東京", "cp932"), ("张三 销售", "gb18030"),
]  # fmt: skip


@pytest.mark.parametrize(("word", "page"), WORDS)
def test_the_one_code_page_that_makes_words_is_taken_and_said(tmp_path, capsys, word, page):
    frame = read_table(csv_file(tmp_path, f'subscriber_name,custom_field\r\nbob,"{word}"\r\n'.encode(page)))
    assert plain(frame["custom_field"]) == [word]
    assert capsys.readouterr().out == f"new.csv: read in {page}.\n"


@pytest.mark.parametrize(
    ("word", "page"), [("Øst", "cp1252"), ("şube İş", "cp1254"), ("צוות", "cp1255"), ("영업팀", "cp949")]
)
def test_where_several_code_pages_make_words_the_caller_is_asked_with_the_words(tmp_path, word, page):
    file = csv_file(tmp_path, f"subscriber_name,custom_field\n007,x\nbob,{word}\n".encode(page))
    with pytest.raises(WorkbookError, match="custom_field in line 3 can be decoded in more than one way") as error:
        read_table(file)
    assert f"encoding='{page}' for '{word}'" in str(error.value)
    assert plain(read_table(file, encoding=page)["custom_field"]) == ["x", word]


def test_where_they_differ_only_in_what_no_verb_reads_nobody_is_asked(tmp_path):
    file = csv_file(tmp_path, "subscriber_name,custom_field,town\nbob,vip,Øst\n".encode("cp1252"))
    assert plain(read_table(file)["town"]) == ["Øst"]


def test_empty_fields_beyond_the_header_do_no_harm(tmp_path):
    assert plain(read_table(csv_file(tmp_path, "subscriber_name;a\n007;x;;\n"))["a"]) == ["x"]


def test_a_field_that_speaks_of_html_makes_no_page_of_a_table(tmp_path):
    file = csv_file(tmp_path, "subscriber_name,custom_field\n007,<html><table>\n")
    assert plain(read_table(file)["custom_field"]) == ["<html><table>"]
    assert "HTML" in refused(tmp_path, "  <!DOCTYPE html><p>subscriber_name,x</p>")


def test_a_fifo_is_read_once_and_whole(tmp_path):
    fifo = tmp_path / "pipe.csv"
    os.mkfifo(fifo)
    writer = threading.Thread(target=fifo.write_bytes, args=[b"subscriber_name\n007\n"])
    writer.start()
    assert plain(read_table(fifo)["subscriber_name"]) == ["007"]
    writer.join()


SAMPLE = Path(__file__).parents[2] / "sample_data" / "new_subscribers.xlsx"


def test_standard_input_is_read_as_any_other_file(monkeypatch):
    read_end, write_end = os.pipe()

    def write():
        with os.fdopen(write_end, "wb") as pipe:
            pipe.write(SAMPLE.read_bytes())

    writer = threading.Thread(target=write)
    writer.start()
    with os.fdopen(read_end) as stdin:
        monkeypatch.setattr(sys, "stdin", stdin)
        assert len(read_table("-")) == 49
    writer.join()


@pytest.mark.slow
def test_standard_input_of_a_process_is_read_as_any_other_file():
    program = "from exotel_frames.workbooks import read_table; print(len(read_table('-')))"
    ran = subprocess.run([sys.executable, "-c", program], input=SAMPLE.read_bytes(), capture_output=True, check=True)
    assert ran.stdout.strip() == b"49"


def test_options_of_the_other_kind_of_file_are_refused(tmp_path):
    with pytest.raises(WorkbookError, match="is a CSV file, to which sheet= does not apply"):
        read_table(csv_file(tmp_path, "subscriber_name\n007\n"), sheet="x")


def test_a_csv_file_whose_name_says_workbook_is_read_as_what_it_is(tmp_path):
    path = tmp_path / "renamed.xlsx"
    path.write_bytes(b"subscriber_name,custom_field\n007,NA\n")
    assert read_table(path)[["subscriber_name", "custom_field"]].to_numpy().tolist() == [["007", "NA"]]

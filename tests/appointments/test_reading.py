"""Bytes become a table, or the file is refused with one line that says where."""

import pytest

from appointments.importing.columns import check_header
from appointments.importing.reading import FileRefused, read_file, read_table


def test_reads_comma_semicolon_and_tab_with_and_without_byte_order_mark() -> None:
    for delimiter in ",;\t":
        for mark in ("", "\ufeff"):
            text = f"{mark}appointment_ref{delimiter}patient_ref\nA1{delimiter}P1\n"
            table = read_table(text.encode())
            assert table.columns == ("appointment_ref", "patient_ref")
            assert [line.cells for line in table.lines] == [("A1", "P1")]


def test_header_names_are_taken_in_any_case_and_with_spaces_around_them() -> None:
    assert read_table(b" Patient_REF ;appointment_ref\nP1;A1\n").columns == ("patient_ref", "appointment_ref")


def test_counts_lines_across_quoted_newlines_and_blank_rows() -> None:
    table = read_table(b'a;b\r\n"x\r\ny";1\r\n;\r\n\r\nz;2\r\n')
    assert [(line.number, line.cells) for line in table.lines] == [(2, ("x\r\ny", "1")), (6, ("z", "2"))]


def test_a_quote_left_open_is_refused_at_the_line_where_it_opens() -> None:
    with pytest.raises(FileRefused, match="^line 3: the row that begins here"):
        read_table(b'a;b\n1;2\n"3;4\n5;6\n')


@pytest.mark.parametrize("name", ["Muñoz", "Gonçalves", "Nicolò D’Angelo", "JOSÉ", "1.ª visita", "5 €"])
def test_windows_1252_is_told_from_utf_8(name: str) -> None:
    text = f"appointment_ref;patient_ref\n1;{name}\n"
    for encoding, said in (("utf-8", "UTF-8"), ("utf-8-sig", "UTF-8"), ("cp1252", "Windows-1252")):
        table = read_table(text.encode(encoding))
        assert (table.lines[0].cells[1], table.encoding) == (name, said)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"a;b\n" + "Muñoz".encode() + b"\n" + "Peña".encode("cp1252"), "^line 3: byte 0xF1 is not UTF-8, though"),
        (b"\xef\xbb\xbfa;b\nPe\xf1a;1\n", "^line 2: byte 0xF1 is not UTF-8, though"),
        (b"a;b\nPe\xf1a;1\n\x81;2\n", "^line 3: byte 0x81 is neither UTF-8 nor Windows-1252; save it"),
        ("a;b\n1;2\n".encode("utf-16"), "^line 1: the file is no plain text, or UTF-16"),
        ("a;b\n1;2\n".encode("utf-16-le"), "^line 1: the file is no plain text, or UTF-16"),
        (b"PK\x03\x04\0\0\0 a workbook", "^line 1: the file is no plain text"),
    ],
)
def test_bytes_that_could_only_be_guessed_are_refused_with_their_line(content: bytes, reason: str) -> None:
    with pytest.raises(FileRefused, match=reason):
        read_table(content)


@pytest.mark.parametrize("content", [b"", b"  \n\n", b"\xef\xbb\xbf", b";", b" ;\t;\n;\n"])
def test_an_empty_file_is_refused(content: bytes) -> None:
    with pytest.raises(FileRefused, match="is empty"):
        read_table(content)


def test_a_header_without_rows_is_refused() -> None:
    with pytest.raises(FileRefused, match="no rows"):
        read_table(b"appointment_ref;patient_ref\n;\n")


@pytest.mark.parametrize(
    ("header", "reason"),
    [
        ("appointment_ref;patient_ref;appointment_ref", "the column appointment_ref stands twice"),
        ("appointment_ref;patient_ref;", "column 3 has no name"),
        ("appointment_ref;patient_ref;colour;phone_0", "unknown column: 'colour', 'phone_0'"),
        ("appointment_ref;patient_ref;fist_name", "line 2: unknown column: 'fist_name' .did you mean 'first_name'"),
        ("appointment_ref;start", "line 2: missing column: patient_ref"),
        ("appointment_ref;patient_ref;phone_for_reminders", "needs the numbers beside it"),
    ],
)
def test_a_header_that_cannot_be_understood_is_refused(header: str, reason: str) -> None:
    with pytest.raises(FileRefused, match=reason):
        check_header(read_table(f"\n{header}\n1;2;3\n".encode()))


def test_a_file_over_the_limit_is_refused_before_it_is_read(tmp_path) -> None:  # type: ignore[no-untyped-def]
    path = tmp_path / "agenda.csv"
    with path.open("wb") as file:
        file.truncate(50_000_000)  # sparse: reading it would give zeros, which are another error
    with pytest.raises(FileRefused, match="has 50.0 MB; at most 20 MB"):
        read_file(path)


def test_a_folder_and_a_file_that_is_not_there_are_refused(tmp_path) -> None:  # type: ignore[no-untyped-def]
    for path in (tmp_path, tmp_path / "missing.csv"):
        with pytest.raises(FileRefused, match="is not a file"):
            read_file(path)

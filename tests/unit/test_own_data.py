"""Data of one's own: read in full, or refused by the place that is wrong."""

import pickle
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from overparam.errors import Refusal
from pipeline import own_data, own_header
from tests.archives import Payload, flip, put


def read_own(path: Path):
    return own_data.read_own(path, label_column="label")


# --- .npz ------------------------------------------------------------------------------------

X = np.arange(24.0).reshape(4, 6)
Y = np.array([0, 1, 1, 0])


def npz(tmp_path: Path, **arrays: object) -> Path:
    path = tmp_path / "own.npz"
    np.savez(path, **arrays)
    return path


def test_own_npz_with_images_and_test_points(tmp_path):
    images = np.arange(48, dtype=np.uint8).reshape(4, 3, 2, 2)
    path = npz(tmp_path, x=images, y=Y, x_test=images[:1], y_test=Y[:1])
    train, test = read_own(path)
    np.testing.assert_array_equal(train.inputs, images.reshape(4, 12))
    np.testing.assert_array_equal(test.inputs, images[:1].reshape(1, 12))
    assert train.inputs.dtype == np.uint8
    assert train.classes.dtype == np.int64
    np.testing.assert_array_equal(test.classes, Y[:1])


@pytest.mark.parametrize(
    ("labels", "kind"),
    [
        (np.array([3.0, -1.0, 3.0, 7.0]), "i"),
        (np.array([3, 1, 3, 7], dtype=np.uint8), "i"),
        (np.array([True, False, True, True]), "i"),
        (np.array(["cat", "dög", "cat", "7"]), "U"),
    ],
)
def test_own_classes_are_integers_or_text(tmp_path, labels, kind):
    train, test = read_own(npz(tmp_path, x=X, y=labels))
    assert test is None
    assert train.classes.dtype.kind == kind
    assert train.classes.tolist() == labels.tolist()


def test_own_truth_values_become_numbers(tmp_path):
    train, _ = read_own(npz(tmp_path, x=X > 3, y=Y))
    assert train.inputs.dtype == np.uint8
    np.testing.assert_array_equal(train.inputs, (X > 3).astype(int))


def test_the_width_of_a_file_is_known_by_its_header(tmp_path):
    assert own_header.width(npz(tmp_path, x=np.zeros((2, 3, 4)), y=[0, 1]), "label") == 12
    table, broken = tmp_path / "own.csv", tmp_path / "broken.npz"
    put(table, b"a;label;b\n1;0;2\n")
    put(broken, b"a,label\n")
    assert own_header.width(table, "label") == 2
    assert own_header.width(table, "label", ["a"]) == 1
    assert own_header.width(broken, "label") is None
    for name in ("none.npz", "none.csv", "own.txt"):
        assert own_header.width(tmp_path / name, "label") is None
    assert own_header.width(npz(tmp_path, y=[0, 1]), "label") is None


def test_unused_arrays_are_told(tmp_path):
    train, _ = read_own(npz(tmp_path, x=X, y=Y, x_tset=X, y_tset=Y))
    assert [*train.notes] == ["arrays not used: x_tset, y_tset; used are x, y"]


def test_points_and_inputs_of_an_npz_are_called_as_its_owner_would(tmp_path):
    train, _ = read_own(npz(tmp_path, x=X.reshape(4, 3, 2), y=Y))
    assert [*train.called] == ["x[0]", "x[1]", "x[2]", "x[3]"]
    assert [*train.columns[:3]] == ["x[:, 0, 0]", "x[:, 0, 1]", "x[:, 1, 0]"]


@given(
    st.integers(1, 5), st.integers(1, 4), st.integers(0, 4), st.integers(0, 3),
    st.sampled_from([np.nan, np.inf, -np.inf]),
)  # fmt: skip
def test_a_number_that_is_not_finite_is_found_wherever_it_is(n, d, row, column, value):
    inputs = np.zeros((n, d))
    inputs[row % n, column % d] = value
    with pytest.raises(Refusal, match=rf"here\[{row % n}, {column % d}\]: "):
        own_data.finite(inputs, "here")


NAN = np.where(X == 13, np.nan, X)
BAD_NPZ = [
    ({"y": Y}, r"found the arrays y, expected x and y: save x too"),
    ({"x": X}, r"found the arrays x, expected x and y: save y too"),
    (
        {"data": X, "target": Y},
        r"found the arrays data, target, expected x and y: save x and y too, by that name, as "
        r"numpy.savez\(file, x=…, y=…\) does",
    ),
    ({"x": NAN, "y": Y}, r"x\[2, 1\]: found nan, .*; 1 such in all: correct or leave out"),
    ({"x": X, "y": Y, "x_test": NAN, "y_test": Y}, r"x_test\[2, 1\]: found nan"),
    ({"x": np.where(X == 5, -np.inf, X), "y": Y}, r"x\[0, 5\]: found -inf"),
    ({"x": NAN.reshape(4, 2, 3), "y": Y}, r"x\[2, 0, 1\]: found nan"),
    ({"x": X.astype(str), "y": Y}, r"x: found shape \(4, 6\) of <U"),
    ({"x": X * 1j, "y": Y}, r"x: found .*complex128"),
    ({"x": X[:, 0], "y": Y}, r"x: found shape \(4,\)"),
    ({"x": X[:0], "y": Y[:0]}, r"x: found shape \(0, 6\)"),
    ({"x": X[:, :0], "y": Y}, r"x: found shape \(4, 0\)"),
    ({"x": X, "y": Y[:3]}, r"y: found shape \(3,\), expected \(4,\)"),
    ({"x": X, "y": np.eye(4)}, r"y: found shape \(4, 4\), expected \(4,\)"),
    ({"x": X, "y": Y + 0.5}, r"y\[0\]: found 0\.5"),
    ({"x": X, "y": np.array([0, 1, np.nan, 1])}, r"y\[2\]: found nan"),
    ({"x": X, "y": np.array([0, 1e300, 1, 1])}, r"y\[1\]: found 1e\+300"),
    ({"x": X, "y": np.array(["a", " ", "b", "c"])}, r"y\[1\]: found no class"),
    ({"x": X, "y": Y * 1j}, r"y\[0\]: found complex128"),
    ({"x": X, "y": Y, "x_test": X}, r"expected x_test and y_test: save y_test too"),
    ({"x": X, "y": Y, "y_test": Y}, r"expected x_test and y_test: save x_test too"),
    (
        {"x": X, "y": Y, "x_test": X[:, 1:], "y_test": Y},
        r"x_test: found 5 numbers a point, expected 6",
    ),
    (
        {"x": X, "y": Y, "x_test": X, "y_test": Y.astype(str)},
        r"y_test: found <U\d+ beside int64 in y",
    ),
    ({"x": X.astype(object), "y": Y}, r"[Oo]bject"),
]


@pytest.mark.parametrize(("arrays", "told"), BAD_NPZ, ids=range(len(BAD_NPZ)))
def test_a_bad_own_npz_is_refused(tmp_path, arrays, told):
    path = npz(tmp_path, **arrays)
    with pytest.raises(Refusal, match=told) as refusal:
        read_own(path)
    assert str(path) in str(refusal.value)


def test_an_own_object_array_is_never_unpickled(tmp_path):
    sign = tmp_path / "sign"
    path = npz(tmp_path, x=np.array([[Payload(sign)]], dtype=object), y=np.array([1]))
    with pytest.raises(Refusal):
        read_own(path)
    assert not sign.exists()
    with np.load(path, allow_pickle=True) as archive:
        archive["x"]
    assert sign.exists()  # so it would have been seen


def test_own_files_that_are_no_npz_are_refused(tmp_path):
    whole = npz(tmp_path, x=X, y=Y).read_bytes()
    for content in (b"", b"text", whole[:-50], flip(whole, 200), pickle.dumps(X)):
        path = tmp_path / "bad.npz"
        path.write_bytes(content)
        with pytest.raises(Refusal, match=r"bad\.npz: found"):
            read_own(path)


def test_a_flipped_bit_of_an_own_npz_is_refused_or_changes_nothing(tmp_path):
    """In what is not points: members and their headers. Plans read those of x alone."""
    points = np.arange(3000.0).reshape(500, 6)  # more than is read, and checked, at once
    whole, path = npz(tmp_path, x=points, y=np.arange(500)).read_bytes(), tmp_path / "bad.npz"
    data = range(whole.index(points.tobytes()) + 8, whole.index(b"PK\x03\x04", 100))
    refused = 0
    for at in (at for at in range(len(whole)) if at not in data and at % 3 == 0):
        path.write_bytes(flip(whole, at))
        assert (own_header.width(path, "label") or 1) > 0
        try:
            found, _ = read_own(path)
        except Refusal:
            refused += 1
        else:
            assert found.inputs.tobytes() == points.tobytes()
            assert found.classes.tolist() == list(range(500))
    assert refused > 100


def test_own_files_by_unknown_names_are_refused(tmp_path):
    put(tmp_path / "wine.csv", b"x")
    put(tmp_path / "own.xlsx", b"x")
    with pytest.raises(Refusal, match=r"wines\.csv: found no such file, .* has wine\.csv\)"):
        read_own(tmp_path / "wines.csv")
    with pytest.raises(Refusal, match=r"nowhere is no folder"):
        read_own(tmp_path / "nowhere" / "wine.csv")
    with pytest.raises(Refusal, match=r"found the ending '\.xlsx'"):
        read_own(tmp_path / "own.xlsx")


# --- .csv ------------------------------------------------------------------------------------


def table(tmp_path: Path, text: str | bytes) -> Path:
    path = tmp_path / "own.csv"
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return path


@pytest.mark.parametrize(
    ("text", "classes"),
    [
        ("a,label,b\n1,0,2.5\n-3e2,1,4\n", [0, 1]),
        ("a,label,b\n1,3.0,2.5\n-3e2,-1,4\n", [3, -1]),
        ("a,label,b\n1,cat,2.5\n-3e2,NA,4\n", ["cat", "NA"]),
        ("a,label,b\n1,7,2.5\n-3e2,x,4\n", ["7", "x"]),
        ("a,label,b\n1,-0.0,2.5\n-3e2,5.,4\n", [0, 5]),
        ("a,label,b\n1,001,2.5\n-3e2,1,4\n", ["001", "1"]),
        ("a,label,b\n1,1e3,2.5\n-3e2,1000,4\n", ["1e3", "1000"]),
        ("a,label,b\n1,1_0,2.5\n-3e2,10,4\n", ["1_0", "10"]),
        ("a,label,b\n1,+1,2.5\n-3e2,inf,4\n", ["+1", "inf"]),
        ("a,label,b\n1,1234567890123456,2.5\n-3e2,7,4\n", ["1234567890123456", "7"]),
        (
            "a,label,b\n1,9007199254740993,2.5\n-3e2,9007199254740992,4\n",
            ["9007199254740993", "9007199254740992"],
        ),
        ('\ufeffa,label,b\r\n1," cat ",2.5\r\n-3e2,"d,g",4\r\n', ["cat", "d,g"]),
    ],
)
def test_own_csv(tmp_path, text, classes):
    train, test = read_own(table(tmp_path, text))
    assert test is None
    np.testing.assert_array_equal(train.inputs, [[1, 2.5], [-300, 4]])
    assert train.inputs.dtype == np.float64
    assert train.classes.tolist() == classes
    assert train.classes.dtype.kind == ("i" if isinstance(classes[0], int) else "U")


def test_own_csv_keeps_the_last_digit(tmp_path):
    numbers = [0.1 + 0.2, 1 / 3, 5e-324, 1.7976931348623157e308]
    text = "v,label\n" + "".join(f"{number!r},0\n" for number in numbers)
    train, _ = read_own(table(tmp_path, text))
    assert train.inputs[:, 0].tolist() == numbers


@pytest.mark.parametrize(("separator", "said"), [(";", "';'"), ("\t", "tab")])
def test_other_separators_are_read_and_told(tmp_path, separator, said):
    text = 'a,label,"b, c"\n1.5,cat,2\n3,dog,4\n'.replace('"b, c"', "b").replace(",", separator)
    train, _ = read_own(table(tmp_path, text))
    assert train.inputs.tolist() == [[1.5, 2], [3, 4]]
    assert [*train.notes] == [f"fields are separated by {said}"]
    assert [*train.called] == ["line 2", "line 3"]
    assert [*train.columns] == ["column 'a'", "column 'b'"]


def test_columns_that_are_ignored_need_be_no_numbers_and_are_told(tmp_path):
    path = table(tmp_path, "id,a,label\nx1,1,cat\nx2,2,dog\n")
    train, _ = own_data.read_own(path, "label", ["id"])
    assert train.inputs.tolist() == [[1], [2]]
    assert [*train.notes] == ["columns not used, as asked: id"]


@pytest.mark.parametrize(
    ("ignored", "told"),
    [
        (["ID"], "expected 'ID' among them: did you mean 'id'. Correct IGNORE, or ignore_columns"),
        (["label"], "found 'label' among the columns to ignore, expected it to be used"),
    ],
)
def test_columns_to_ignore_that_cannot_be_are_refused(tmp_path, ignored, told):
    path = table(tmp_path, "id,a,label\n1,1,cat\n2,2,dog\n")
    with pytest.raises(Refusal, match=told):
        own_data.read_own(path, "label", ignored)
    with pytest.raises(Refusal, match="found columns to ignore"):
        own_data.read_own(npz(tmp_path, x=X, y=Y), "label", ignored)


def test_own_csv_with_another_label_column(tmp_path):
    train, _ = own_data.read_own(table(tmp_path, "kind,v\ncat,1\n"), "kind")
    assert train.classes.tolist() == ["cat"]
    assert train.inputs.tolist() == [[1.0]]


BAD_CSV = [
    ("", r"line 1: found the columns \(none\)"),
    ("a,label\n", "found 0 rows"),
    ("label\n1\n", "0 columns of inputs"),
    (
        "a,labels,b\n1,2,3\n",
        r"line 1: found the columns 'labels', 'a', 'b' \(separated by ','; tried: ',', ';', tab\), "
        r"expected 'label' among them: did you mean 'labels'\? Correct LABEL, or label_column, or "
        "the header",
    ),
    ("1,2\n3,4\n", "found the columns '1', '2' .*: Correct LABEL"),
    (
        "a b|label\n1|2\n",
        r"found the columns 'a b\|label' \(separated by ','; tried: ',', ';', tab",
    ),
    ("a,label,label\n1,2,3\n", "found the column 'label' 2 times, expected each once"),
    ("a,b,b,label\n1,2,2,3\n", "found the column 'b' 2 times, expected each once"),
    (
        "a,label\n1,0\n2x,1\n3,1\n",
        "line 3, column 'a': found '2x', expected a finite number; 1 such of 3 in this column: "
        "correct or leave out these rows",
    ),
    ("a,label\n1,0\n\n  \n2x,1\n3,1\n", "line 5, column 'a': found '2x'"),
    ('a,label\n1,"0\n1"\n2x,1\n3,1\n', "line 4, column 'a': found '2x'"),
    (
        "city,label\nBerlin,0\nParis,1\n",
        r"line 2, column 'city': found 'Berlin', .*; 2 such of 2 in this column: leave the column "
        r"out \(IGNORE=city, or ignore_columns\), or write it as numbers",
    ),
    ("a;label\n1,5;0\n2;1\n", "line 2, column 'a': found '1,5', .*: write decimals with a point"),
    ("a,label\n1,0\n,1\n", "line 3, column 'a': found ''"),
    ("a,label\n1,0\nnan,1\n", "line 3, column 'a': found 'nan'"),
    ("a,label\n-inf,0\n1,1\n", "line 2, column 'a': found '-inf'"),
    ("a,b,label\n1,2,0\n1\n", "line 3: found 1 fields, expected 3 as in the header"),
    ("a,label\n1,0,5\n", "line 2: found 3 fields, expected 2 as in the header"),
    ("a,label\n1,0\n1,0,5\n", "line 3: found 3 fields, expected 2"),
    ("a,label\n1,0\n1,\n", "line 3, column 'label': found no class"),
    ("a,label\n1,cat\n1, \n", "line 3, column 'label': found no class"),
    ("a,label\n1,0.5\n", r"line 2, column 'label': found 0\.5"),
    ("a,label\n1,nan\n", "line 2, column 'label': found nan"),
    ('a,label\n"1,0\n', "line 2: found 1 fields, expected 2"),
    (",a,label\n0,1,0\n1,2,1\n", "line 1: found no name for column 1, expected one: .*index=False"),
    (b"a,label\n1,\xff\n", r"found .*expected a \.csv in UTF-8"),
    (b"\x93NUMPY\x00", r"expected a \.csv in UTF-8"),
]


@pytest.mark.parametrize(("text", "told"), BAD_CSV, ids=range(len(BAD_CSV)))
def test_a_bad_own_csv_is_refused(tmp_path, text, told):
    path = table(tmp_path, text)
    with pytest.raises(Refusal, match=told) as refusal:
        read_own(path)
    assert str(path) in str(refusal.value)


def test_many_columns_are_not_all_listed(tmp_path):
    path = table(tmp_path, ",".join(f"pixel{i}" for i in range(784)) + "\n")
    with pytest.raises(Refusal, match="'pixel7', and 776 more"):
        read_own(path)


def test_classes_beyond_int64_are_refused_and_never_wrapped(tmp_path):
    path = tmp_path / "own.npz"
    np.savez(path, x=np.eye(2), y=np.array([1, 2**63], dtype=np.uint64))
    with pytest.raises(Refusal, match=r"y\[1\]: found 9223372036854775808, expected a class"):
        read_own(path)

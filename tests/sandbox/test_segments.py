"""Are segments counted as the phone network cuts them?"""

from __future__ import annotations

import pytest

from sandbox.sms.segments import count_segments


@pytest.mark.parametrize(
    ("text", "segments"),
    [
        ("", 1),
        ("a" * 160, 1),
        ("a" * 161, 2),
        ("a" * 306, 2),
        ("a" * 307, 3),
        ("é" * 160, 1),
        ("€" * 80, 1),
        ("€" * 81, 2),
        ("a" * 152 + "€" + "a" * 152, 3),  # the euro sign is not cut: it begins the second segment
        ("á" * 70, 1),  # not in GSM 03.38: two bytes each from here on
        ("á" * 71, 2),
        ("ã" * 134, 2),
        ("ã" * 135, 3),
        ("😀" * 35, 1),
        ("😀" * 36, 2),
        ("😀" * 66, 2),  # 33 whole ones in each
        ("😀" * 67, 3),
    ],
)
def test_a_text_is_cut_at_the_networks_limits(text: str, segments: int) -> None:
    assert count_segments(text) == segments

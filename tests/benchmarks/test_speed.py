"""The page on speed keeps what is not measured again."""

from benchmarks.speed import HEAD, placed, title


def test_a_section_takes_the_place_of_what_it_said_before_and_the_others_stay_in_their_order():
    page = placed(placed("", "startup", "Slow.\n\n| a |"), "overhead", "Much.")
    again = placed(page, "startup", "Fast.")
    assert page.startswith(HEAD)
    assert page.index("Much.") < page.index("Slow.\n\n| a |")
    assert again == page.replace("Slow.\n\n| a |", "Fast.")
    assert again.count("\n## ") == len({title("startup"), title("overhead")})

"""Set how many examples a property is tried on: few in `make test`, many in `make test-long`."""

import os

from hypothesis import settings

LONG = bool(os.environ.get("TRUSTMED_LONG"))


def examples(few: int) -> int:
    return few * 40 if LONG else few


settings.register_profile("trustmed", max_examples=examples(50))
settings.load_profile("trustmed")

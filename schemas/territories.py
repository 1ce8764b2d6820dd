"""Where something may be used: the closed list of territories that contracts and runs are declared with."""

from collections.abc import Sequence
from typing import Annotated, Final

from schemas.yaml_shape import Form

WORLDWIDE: Final = "worldwide"
# ISO 3166-1 alpha-2, the 249 codes assigned (tz database, iso3166.tab of 2025). A code is a territory, not a state: Hong Kong,
# Macao and Taiwan have codes of their own there, and `CN` does not stand for them.
_CODES: Final = (
    "AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BV BW BY BZ "
    "CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI FJ FK FM FO "
    "FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE "
    "JM JO JP KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO "
    "MP MQ MR MS MT MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW "
    "PY QA RE RO RS RU RW SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM "
    "TN TO TR TT TV TW TZ UA UG UM US UY UZ VA VC VE VG VI VN VU WF WS YE YT ZA ZM ZW"
)
CODES: Final = tuple(_CODES.split())
TERRITORIES: Final = (*CODES, WORLDWIDE)

_WHAT: Final = 'a code of ISO 3166-1 such as CN (in quotes where it is "NO"), or worldwide; words of a contract go to territory_note'
Territory = Annotated[str, Form(_WHAT, "|".join(TERRITORIES))]


def covered(granted: Sequence[str], asked: Sequence[str]) -> bool | None:
    """Does a grant for *granted* cover all of *asked*? None, unknown: one of the two is not declared, or not by the list.

    A grant worldwide covers whatever is asked, undeclared territories too.
    """
    if WORLDWIDE in granted:
        return True
    if not granted or not asked or not {*granted, *asked} <= {*TERRITORIES}:
        return None
    return set(asked) <= set(granted)

# SPDX-License-Identifier: MIT
#
# table.py: which kinds of NAT can meet, and what is expected of each two

import dataclasses

from cases import Failure
from nat import MODES

# Yes; by Predicting the next port; by Spraying many; or not at all. The peers
# of the last kind are told so.
ORDER = ('open', 'firewall', 'full-cone', 'restricted', 'cone', 'cone-remap',
         'symmetric', 'symmetric-seq', 'cgnat', 'cgnat-symmetric', 'blocked')
TABLE = {
    'open':            'YYYYYYYYYY-',
    'firewall':        ' YYYYYSPYS-',
    'full-cone':       '  YYYYYYYY-',
    'restricted':      '   YYYYYYY-',
    'cone':            '    YYSPYS-',
    'cone-remap':      '     YSPYS-',
    'symmetric':       '      --S--',
    'symmetric-seq':   '       PP--',
    'cgnat':           '        YS-',
    'cgnat-symmetric': '         --',
    'blocked':         '          -',
}
assert set(ORDER) == set(MODES)


@dataclasses.dataclass
class Bounds:
    """What is good enough: within so many seconds, in `least` of `runs`."""

    within: float
    least: int
    runs: int

    def once(self):
        """In a quick run, which may share the machine with anything: a second try
        is allowed. Whoever wants to know how sure it is measures in full."""
        return dataclasses.replace(self, least=1, runs=2)


CLASSES = {'Y': Bounds(2, 5, 5), 'P': Bounds(5, 5, 5), 'S': Bounds(20, 9, 10)}
MOST_PACKETS = 3000


def cells(wanted=frozenset(), kinds='YPS-'):
    """(mode, mode, class) of those where all wanted modes are among the two."""
    for row, one in enumerate(ORDER):
        for column, other in enumerate(ORDER):
            kind = TABLE[one][column]
            if column >= row and kind in kinds and wanted <= {one, other}:
                yield one, other, kind


def often_enough(attempt, bounds):
    """Tries until it has worked so often; what one try tells is how many seconds it
    took and how many packets."""
    took, packets, failures = [], [], []
    while len(took) < bounds.least:
        try:
            one_took, one_packets = attempt()
        except Failure as failure:
            failures.append(str(failure))
            if len(failures) > bounds.runs - bounds.least:
                raise Failure('\n'.join(failures)) from None
            continue
        took.append(one_took)
        packets.append(one_packets)
    if max(packets) > MOST_PACKETS:
        raise Failure(f'{max(packets)} packets')
    return (f'{len(took)} of {len(took) + len(failures)}, slowest {max(took):.3f} s, '
            f'at most {max(packets)} packets')


def print_table(results):
    """The measured cells as the matrix they are."""
    width = max(map(len, ORDER)) + 1
    print('#', ' ' * width, *(mode.ljust(width) for mode in ORDER))
    for one in ORDER:
        row = (results.get((one, other), '') for other in ORDER)
        print('#', one.ljust(width), *(cell.ljust(width) for cell in row))

# SPDX-License-Identifier: MIT
#
# instructions.py: what the engine costs on any machine, by callgrind

import os
import re
import subprocess

# As it was when this was last looked at; more than a little above it is a
# regression, on any machine.
KEPT = 2799
# Functions that are listed by themselves.
LISTED = 12
# What a cipher costs is libsodium's affair, not the engine's.
CIPHER_FUNCTIONS = ('srudp_aead_seal', 'srudp_aead_open', 'srudp_header_mask')


def count_instructions(program, scratch, megabytes=20):
    output = os.path.join(scratch, 'callgrind.out')
    run = subprocess.run(
        ['valgrind', '--tool=callgrind', '--collect-atstart=no',
         f'--callgrind-out-file={output}', program, str(megabytes)],
        capture_output=True, text=True, check=True)
    listing = annotate(output)
    packets = int(re.search(r'"packets": (\d+)', run.stdout).group(1))
    total = instructions(listing, 'PROGRAM TOTALS')
    # The compiler marks a copy that it has made to measure: name.constprop.0
    cipher = sum(instructions(listing, fr':{name}(\.\w+)* ') for name in CIPHER_FUNCTIONS)
    return {'packets': packets, 'instructions_per_packet': (total - cipher) / packets,
            'cipher_instructions_per_packet': cipher / packets,
            'functions': functions(annotate(output, inclusive=False), packets)}


def annotate(output, inclusive=True):
    return subprocess.run(
        ['callgrind_annotate', f'--inclusive={"yes" if inclusive else "no"}', '--threshold=100',
         output], capture_output=True, text=True, check=True).stdout


def functions(listing, packets):
    """Those with the most instructions of their own: [name, how many]."""
    found = {}
    for count, name, library in re.findall(
            r'^\s*([\d,]+) \([^)]*\)\s+\S*:(\S+) \[(.*)\]$', listing, re.MULTILINE):
        name = name.split('.')[0]
        if 'libsodium' not in library and name not in CIPHER_FUNCTIONS:
            found[name] = found.get(name, 0) + int(count.replace(',', '')) / packets
    return sorted(found.items(), key=lambda item: -item[1])[:LISTED]


def instructions(listing, pattern):
    for line in listing.splitlines():
        if re.search(pattern, line):
            return int(line.split()[0].replace(',', ''))
    raise LookupError(pattern)

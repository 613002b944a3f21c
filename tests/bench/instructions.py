# SPDX-License-Identifier: MIT
#
# instructions.py: what the engine costs on any machine, by callgrind

import os
import re
import subprocess

# What a cipher costs is libsodium's affair, not the engine's.
CIPHER_FUNCTIONS = ('srudp_aead_seal', 'srudp_aead_open', 'srudp_header_mask')


def count_instructions(program, scratch, megabytes=20):
    output = os.path.join(scratch, 'callgrind.out')
    run = subprocess.run(
        ['valgrind', '--tool=callgrind', '--collect-atstart=no',
         f'--callgrind-out-file={output}', program, str(megabytes)],
        capture_output=True, text=True, check=True)
    packets = int(re.search(r'"packets": (\d+)', run.stdout).group(1))
    listing = subprocess.run(
        ['callgrind_annotate', '--inclusive=yes', '--threshold=100', output],
        capture_output=True, text=True, check=True).stdout
    total = instructions(listing, 'PROGRAM TOTALS')
    # The compiler marks a copy that it has made to measure: name.constprop.0
    cipher = sum(instructions(listing, fr':{name}(\.\w+)* ') for name in CIPHER_FUNCTIONS)
    return {'packets': packets, 'instructions_per_packet': (total - cipher) / packets,
            'cipher_instructions_per_packet': cipher / packets}


def instructions(listing, pattern):
    for line in listing.splitlines():
        if re.search(pattern, line):
            return int(line.split()[0].replace(',', ''))
    raise LookupError(pattern)

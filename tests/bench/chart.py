# SPDX-License-Identifier: MIT
#
# chart.py: bars, as SVG that is legible on light and dark pages

from xml.sax.saxutils import escape

ROW, BAR, LEFT, WIDTH, RIGHT = 26, 16, 170, 420, 60
STYLE = '''<style>
text { font: 13px sans-serif; fill: #5e5c64 }
.title { font-weight: bold; font-size: 14px }
.ours { font-weight: bold; fill: #1c71d8 }
@media (prefers-color-scheme: dark) { text { fill: #c0bfbc } .ours { fill: #62a0ea } }
</style>'''


def draw(path, title, bars, ours):
    """Longest first; ours stand out."""
    rows = sorted(((value, name) for name, value in bars.items() if value is not None),
                  reverse=True)
    top = max((value for value, _ in rows), default=1) or 1
    height = 40 + ROW * len(rows)
    parts = [f'<svg xmlns="http://www.w3.org/2000/svg" width="{LEFT + WIDTH + RIGHT}" '
             f'height="{height}" role="img" aria-label="{escape(title)}">', STYLE,
             f'<text class="title" x="8" y="20">{escape(title)}</text>']
    for index, (value, name) in enumerate(rows):
        y = 36 + ROW * index
        mine = name.startswith(ours)
        parts.append(text(LEFT - 8, y + 13, name, mine, 'end'))
        parts.append(f'<rect x="{LEFT}" y="{y}" width="{WIDTH * value / top:.1f}" '
                     f'height="{BAR}" rx="3" fill="{"#3584e4" if mine else "#9a9996"}"/>')
        parts.append(text(LEFT + WIDTH * value / top + 6, y + 13, f'{value:.1f}', mine, 'start'))
    with open(path, 'w') as file:
        file.write('\n'.join([*parts, '</svg>', '']))


def text(x, y, words, mine, anchor):
    kind = ' class="ours"' if mine else ''
    return f'<text{kind} x="{x:.1f}" y="{y}" text-anchor="{anchor}">{escape(words)}</text>'

# SPDX-License-Identifier: MIT
#
# figures.py: what one measurement tells

import statistics


def median(values):
    values = [value for value in values if value is not None]
    return statistics.median(values) if values else None


def figures(rows, name, figure):
    return [figure(result) for result in rows.get(name, [])]


def gbit(result):
    return result['bytes'] * 8 / result['seconds'] / 1e9


def cpu_per_gb(result):
    return result['cpu_seconds'] / (result['bytes'] / 1e9)


def get(key, scale=1):
    return lambda result: result[key] / scale if key in result else None


def spread(values, form):
    values = [value for value in values if value is not None]
    if not values:
        return '–'
    middle = form.format(statistics.median(values))
    if len(values) == 1:
        return middle
    return f'{middle} ({form.format(min(values))}–{form.format(max(values))})'

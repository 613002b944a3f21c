// SPDX-License-Identifier: MIT
//
// harness.js: runs tests written as async functions, and says how they went

import GLib from 'gi://GLib';
import System from 'system';

const LIMIT_SECONDS = 60;

export class Failure extends Error {}

export function equal(actual, expected) {
    const [left, right] = [JSON.stringify(actual), JSON.stringify(expected)];

    if (left !== right)
        throw new Failure(`${left} where ${right} was expected`);
}

export function yes(value, what) {
    if (!value)
        throw new Failure(`not so: ${what}`);
}

export async function fails(domain, code, promise) {
    try {
        await promise;
    } catch (error) {
        if (error.matches?.(domain, code))
            return;
        throw error;
    }
    throw new Failure('nothing failed');
}

// What a promise gives, unless it takes too long.
function inTime(promise) {
    let timeout;
    const limit = new Promise((resolve, reject) => {
        timeout = GLib.timeout_add_seconds(GLib.PRIORITY_DEFAULT, LIMIT_SECONDS, () => {
            timeout = 0;
            reject(new Failure('out of time'));
            return GLib.SOURCE_REMOVE;
        });
    });

    return Promise.race([promise, limit]).finally(() => {
        if (timeout)
            GLib.source_remove(timeout);
    });
}

// Prints the Test Anything Protocol.
export async function run(tests) {
    let number = 0;
    let failures = 0;

    print(`1..${Object.keys(tests).length}`);
    for (const [name, test] of Object.entries(tests)) {
        number++;
        try {
            await inTime(test());
            print(`ok ${number} ${name}`);
        } catch (error) {
            failures++;
            print(`not ok ${number} ${name}`);
            print(`# ${error}\n# ${error.stack?.replaceAll('\n', '\n# ')}`);
        }
    }
    System.exit(failures ? 1 : 0);
}

// load finds a package in the folder that SOGLIA_NODE_MODULES names: imports by bare name would look beside this file only.
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

const from = createRequire(join(process.env.SOGLIA_NODE_MODULES, '..', 'package.json'));

export const load = (name) => import(pathToFileURL(from.resolve(name)));
export const settings = JSON.parse(process.env.SETTINGS);

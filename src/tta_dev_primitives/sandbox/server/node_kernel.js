// Reads cells from standard input as lines of JSON and evaluates them as a REPL would: names may be declared
// again, await may stand anywhere. The first argument is the mark.
'use strict';
{
  const fs = require('node:fs');
  const inspector = require('node:inspector');
  const readline = require('node:readline');
  const util = require('node:util');
  const mark = process.argv[1];
  process.argv.length = 1;
  globalThis.require = require;
  const session = new inspector.Session();
  session.connect();
  const call = (method, parameters) =>
    new Promise((resolve, reject) =>
      session.post(method, parameters, (error, answer) => (error ? reject(error) : resolve(answer))));
  const hidden = (name, value) => Object.defineProperty(globalThis, name, { value });
  hidden('__playbox_import', (name) => import(name));
  let taken;
  hidden('__playbox_take', (value) => { taken = value; });

  // A cell is a script, in which import is not allowed: it becomes an expression.
  const names = (list) => list.replace(/\s+as\s+/g, ': ');
  const bound = (what) => {
    const [, whole, more] = /^([\w$]+)?\s*,?\s*(\{[^]*\}|\*\s*as\s+[\w$]+)?$/.exec(what.trim()) ?? [];
    if (more?.startsWith('*')) return more.replace(/\*\s*as\s+/, '');
    const inner = more ? names(more.slice(1, -1)) : '';
    return `{ ${[whole && `default: ${whole}`, inner].filter(Boolean).join(', ')} }`;
  };
  const script = (code) => code
    .replace(/^([ \t]*)import\s+([^'"();]+?)\s+from\s+(['"][^'"\n]+['"])/gm,
      (_, indent, what, name) => `${indent}const ${bound(what)} = await __playbox_import(${name});`)
    .replace(/^([ \t]*)import\s+(['"][^'"\n]+['"])/gm, '$1await __playbox_import($2);');

  const failure = ({ exception, text }) => {
    const told = exception?.description ?? (exception && 'value' in exception ? String(exception.value) : text);
    const [, name, value] = /^([\w$.]+): ([^]*?)(?:\n    at |$)/.exec(told) ?? [, exception?.className ?? 'Error', told];
    return { name, value, traceback: told };
  };

  const shown = async (result) => {
    if (result.type === 'undefined') return null;
    if (result.type === 'string') return result.value;
    if (!result.objectId) return result.description ?? String(result.value);
    await call('Runtime.callFunctionOn',
      { objectId: result.objectId, functionDeclaration: 'function () { __playbox_take(this); }' });
    return util.inspect(taken);
  };

  const evaluate = async (code) => {
    const { result, exceptionDetails } = await call('Runtime.evaluate',
      { expression: script(code), replMode: true, awaitPromise: true, objectGroup: 'cell' });
    return exceptionDetails ? { error: failure(exceptionDetails) } : { text: await shown(result) };
  };

  const run = async ({ code, envs }) => {
    const before = Object.keys(envs).map((name) => [name, process.env[name]]);
    Object.assign(process.env, envs);
    let done;
    try {
      done = await evaluate(code);
    } catch (error) {
      done = { error: { name: 'KernelError', value: String(error), traceback: '' } };
    }
    for (const [name, value] of before) {
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
    }
    await call('Runtime.releaseObjectGroup', { objectGroup: 'cell' });
    fs.writeSync(2, `\0${mark} \n`);
    fs.writeSync(1, `\0${mark} ${JSON.stringify(done)}\n`);
  };

  process.on('uncaughtException', (error) => fs.writeSync(2, `${util.inspect(error)}\n`));
  let turn = Promise.resolve();
  readline.createInterface({ input: process.stdin, terminal: false })
    .on('line', (line) => { turn = turn.then(() => run(JSON.parse(line))); });
}

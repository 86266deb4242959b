// Compiles the contracts of this folder: their code and the names of their functions, as JSON.
const { readFileSync, readdirSync } = require("node:fs");
const { join } = require("node:path");
const solc = require("solc");

const names = readdirSync(__dirname).filter((name) => name.endsWith(".sol")).sort();
const sources = Object.fromEntries(names.map((name) => [name, { content: readFileSync(join(__dirname, name), "utf8") }]));
const outputSelection = { "*": { "*": ["evm.bytecode.object", "evm.deployedBytecode.object", "evm.methodIdentifiers"] } };
const settings = { evmVersion: "cancun", outputSelection };
const told = JSON.parse(solc.compile(JSON.stringify({ language: "Solidity", sources, settings })));
const wrong = (told.errors ?? []).filter((error) => error.severity === "error");
if (wrong.length > 0) throw new Error(wrong.map((error) => error.formattedMessage).join("\n"));
const contracts = Object.values(told.contracts).flatMap((file) => Object.entries(file));
const out = contracts.map(([name, { evm }]) => [name, { code: evm.bytecode.object, runtime: evm.deployedBytecode.object, methods: evm.methodIdentifiers }]);
console.log(JSON.stringify(Object.fromEntries(out)));

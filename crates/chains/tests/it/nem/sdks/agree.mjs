// Reads made cases as lines of JSON, says as lines of JSON what one of the SDKs makes of each.
//
//     node agree.mjs FOLDER nem|symbol < cases
//
// FOLDER holds node_modules. A case tells a private key, a transaction in a node's JSON and in binary, its signature, and whether to
// sign and verify it; nothing computed by this script is told to it.
import fs from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { pathToFileURL } from 'node:url';

const [folder, sdk] = process.argv.slice(2);
const require = createRequire(path.join(path.resolve(folder), 'here.js'));
const load = name => import(pathToFileURL(require.resolve(name)).href);

// A node tells `{}` for what is absent, `nem-sdk` wants null, and for a message one without bytes.
const absent = (name, value) => {
	const isEmpty = value && 'object' === typeof value && !Array.isArray(value) && !Object.keys(value).length;
	if (!isEmpty)
		return value;
	return 'message' === name ? { type: 1, payload: '' } : null;
};

const flipped = hex => hex.slice(0, -64) + ('0' === hex.at(-64) ? '1' : '0') + hex.slice(-63);

const withNem = async () => {
	const { default: nemSdk } = await load('nem-sdk');
	const nem = nemSdk.default ?? nemSdk;
	const { convert, serialization } = nem.utils;
	const pairs = new Map();
	const pairOf = secret => {
		if (!pairs.has(secret))
			pairs.set(secret, nem.crypto.keyPair.create(secret));
		return pairs.get(secret);
	};
	return each => {
		const bytes = serialization.serializeTransaction(JSON.parse(each.json, absent));
		const unsigned = convert.ua2hex(bytes);
		const said = {
			// Its number of the test network is -104.
			address: nem.model.address.toAddress(each.public, Int8Array.of(each.network)[0]),
			unsigned,
			hash: nem.crypto.js.SHA3(convert.ua2words(bytes, bytes.length), { outputLength: 256 }).toString()
		};
		if (!each.sign)
			return said;
		const pair = pairOf(each.secret);
		const verify = signature => nem.crypto.verifySignature(each.public, unsigned, signature);
		return {
			...said,
			public: pair.publicKey.toString(),
			signature: pair.sign(unsigned).toString(),
			verified: verify(each.signature),
			forged: each.forge && verify(flipped(each.signature))
		};
	};
};

const withSymbol = async () => {
	const { PrivateKey, PublicKey, Signature } = await load('symbol-sdk');
	const { NemFacade } = await load('symbol-sdk/nem');
	const facades = { 104: new NemFacade('mainnet'), 152: new NemFacade('testnet') };
	const lower = value => value.toString().toLowerCase();
	return each => {
		const facade = facades[each.network];
		const transaction = facade.transactionFactory.static.deserialize(Buffer.from(each.bytes, 'hex'));
		const said = {
			address: facade.network.publicKeyToAddress(new PublicKey(each.public)).toString(),
			bytes: Buffer.from(transaction.serialize()).toString('hex'),
			hash: lower(facade.hashTransaction(transaction))
		};
		if (!each.sign)
			return said;
		const pair = new NemFacade.KeyPair(new PrivateKey(each.secret));
		const verify = signature => facade.verifyTransaction(transaction, new Signature(signature));
		return {
			...said,
			public: lower(pair.publicKey),
			signature: lower(facade.signTransaction(pair, transaction)),
			verified: verify(each.signature),
			forged: each.forge && verify(flipped(each.signature))
		};
	};
};

const judge = await ('nem' === sdk ? withNem() : withSymbol());
const cases = fs.readFileSync(0, 'utf8').trim().split('\n').map(line => JSON.parse(line));
for (const each of cases)
	fs.writeSync(1, `${JSON.stringify(judge(each))}\n`);

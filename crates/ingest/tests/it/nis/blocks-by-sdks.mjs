// Writes a chain of NIS1 blocks, one a line, as `/block/at/public` answers: every type of transaction, linked and signed.
//
// `nem-sdk` writes and signs, `symbol-sdk` reads back, hashes and verifies each transaction and each block's signature:
// what they disagree on stops the run. Which node modules are used is told by NODE_MODULES, a folder.
//     npm install nem-sdk@1.6.11 symbol-sdk@3.3.2
//     NODE_MODULES=$PWD/node_modules node blocks-by-sdks.mjs 96 > blocks-by-sdks.jsonl
import assert from 'node:assert';
import { createRequire } from 'node:module';
import path from 'node:path';
import { pathToFileURL } from 'node:url';

const require = createRequire(path.join(path.resolve(process.env.NODE_MODULES ?? 'node_modules'), 'here.js'));
const load = async name => import(pathToFileURL(require.resolve(name)).href);
const nemSdk = await load('nem-sdk');
const { PublicKey, Signature } = await load('symbol-sdk');
const { NemFacade } = await load('symbol-sdk/nem');

const nem = nemSdk.default?.default ?? nemSdk.default ?? nemSdk;
const { convert, serialization } = nem.utils;
const facade = new NemFacade('mainnet');
const FIRST = 1475000;
const COUNT = Number(process.argv[2] ?? 96);
const MAIN = 0x68000000;

const u32 = value => { const bytes = Buffer.alloc(4); bytes.writeUInt32LE(value >>> 0); return bytes; };
const u64 = value => { const bytes = Buffer.alloc(8); bytes.writeBigUInt64LE(BigInt(value)); return bytes; };
const sized = bytes => Buffer.concat([u32(bytes.length), bytes]);

// Accounts by number: their private keys are public.
const accounts = new Map();
const account = number => {
	if (!accounts.has(number)) {
		const pair = nem.crypto.keyPair.create(number.toString(16).padStart(64, 'c'));
		const key = pair.publicKey.toString();
		accounts.set(number, { pair, key, address: nem.model.address.toAddress(key, 104) });
	}
	return accounts.get(number);
};
const pairOf = key => [...accounts.values()].find(each => each.key === key).pair;

// A node tells `{}` for what is absent, `nem-sdk` wants null.
const absent = (_, value) => (value && typeof value === 'object' && !Object.keys(value).length && !Array.isArray(value) ? null : value);
const bytesOf = entity => Buffer.from(serialization.serializeTransaction(JSON.parse(JSON.stringify(entity, absent))));
const keccak = bytes => nem.crypto.js.SHA3(convert.ua2words(bytes, bytes.length), { outputLength: 256 }).toString();
const hashOf = entity => keccak(bytesOf(entity));
const sign = (key, bytes) => pairOf(key).sign(convert.ua2hex(bytes)).toString();

// The whole binary form: the signature stands behind the signer, cosignatures behind everything.
const whole = entity => {
	const bytes = bytesOf(entity);
	const parts = [bytes.subarray(0, 48), sized(Buffer.from(entity.signature, 'hex')), bytes.subarray(48)];
	if (entity.type === 4100) {
		const each = entity.signatures.map(whole);
		parts.push(u32(each.length), ...each.map(sized));
	}
	return Buffer.concat(parts);
};

const agreed = entity => {
	const bytes = whole(entity);
	const read = facade.transactionFactory.static.deserialize(bytes);
	assert.deepEqual(Buffer.from(read.serialize()), bytes);
	assert.equal(facade.hashTransaction(read).toString().toLowerCase(), hashOf(entity));
	assert(facade.verifyTransaction(read, new Signature(Buffer.from(entity.signature, 'hex'))));
	return entity;
};

// What happens in a round of sixteen blocks, by accounts of that round.
const scene = (round, nth, time) => {
	const by = number => account(100 * round + number);
	const head = (type, version, from, fee, fields) =>
		({ timeStamp: time, type, version: MAIN + version, signer: by(from).key, fee, deadline: time + 3600, ...fields });
	const signed = entity => agreed({ ...entity, signature: sign(entity.signer, bytesOf(entity)) });
	const id = (namespaceId, name) => ({ namespaceId, name });
	const space = `s${round}`;
	const of = (name, quantity) => ({ quantity, mosaicId: name === 'xem' ? id('nem', 'xem') : id(space, name) });
	// How `nem-sdk` writes that there is none.
	const none = { type: 1, payload: '' };
	// `nem-sdk` writes mosaics by name, and a node tells them as they are written: here they stand so.
	const text = words => ({ type: 1, payload: Buffer.from(words).toString('hex') });
	const pay = (from, to, amount, message) =>
		signed(head(257, 1, from, 100000, { recipient: by(to).address, amount, message }));
	const send = (from, to, amount, mosaics, message = none) =>
		signed(head(257, 2, from, 300000, { recipient: by(to).address, amount, message, mosaics }));
	const rentalFeeSink = 'NAMESPACEWH4MKFMBCVFERDPOOP4FK7MTBXDPZZA';
	const creationFeeSink = 'NBMOSAICOD4F54EE5CDMR23CCBGOAM2XSIUX6TRS';
	const rent = (rentalFee, newPart, parent) => head(8193, 1, 1, 150000, { rentalFeeSink, rentalFee, newPart, parent });
	const properties = Object.entries({ divisibility: '2', initialSupply: '1000000', supplyMutable: 'true', transferable: 'true' })
		.map(([name, value]) => ({ name, value }));
	const define = (name, levy) => signed(head(16385, 1, 1, 150000, {
		mosaicDefinition: { creator: by(1).key, id: id(space, name), description: 'a made coin: 盗難', properties, levy },
		creationFeeSink, creationFee: 10000000
	}));
	const levy = (type, mosaicId, fee) => ({ type, recipient: by(2).address, mosaicId, fee });
	const change = (supplyType, delta) => signed(head(16386, 1, 1, 150000, { mosaicId: id(space, 'plain'), supplyType, delta }));
	const multisig = (of, from, others, inner) => {
		const otherTrans = { ...inner, signer: by(of).key };
		const cosigned = number => {
			const entity = head(4098, 1, number, 150000, { otherHash: { data: hashOf(otherTrans) }, otherAccount: by(of).address });
			return { ...entity, signature: sign(entity.signer, bytesOf(entity)) };
		};
		return signed(head(4100, 1, from, 150000, { otherTrans, signatures: others.map(cosigned) }));
	};
	// As nodes write them: by kind, then by the address's bytes. In base32, digits stand behind letters.
	const rank = address => address.replace(/[2-7]/g, digit => String.fromCharCode(digit.charCodeAt(0) + 41));
	const added = [3, 4, 5].map(by).sort((a, b) => (rank(a.address) < rank(b.address) ? -1 : 1))
		.map(each => ({ modificationType: 1, cosignatoryAccount: each.key }));
	const inner = (to, amount) => head(257, 1, 2, 200000, { recipient: by(to).address, amount, message: none });
	const scenes = {
		1: () => [pay(0, 1, 900000000000, text('deposit 17')), pay(0, 2, 50000000000, { type: 2, payload: 'a5'.repeat(48) })],
		2: () => [send(1, 3, 5000000, [], text('nothing attached')), pay(1, 1, 1000000, none), pay(1, 4, 0, none)],
		3: () => [signed(rent(100000000, space, null))],
		4: () => [define('plain', {}), define('flat', levy(1, id('nem', 'xem'), 30))],
		5: () => [define('share', levy(2, id(space, 'plain'), 125))],
		6: () => [send(1, 3, 1000000, [of('xem', 7000000), of('plain', 12345)]), send(1, 3, 2500000, [of('flat', 1000), of('share', 40000)])],
		7: () => [change(1, 500), change(2, 20)],
		8: () => [signed(head(2049, 1, 1, 150000, { mode: 1, remoteAccount: by(9).key }))],
		9: () => [signed(head(4097, 2, 2, 500000, { modifications: added, minCosignatories: { relativeChange: 2 } }))],
		10: () => [multisig(2, 3, [4], inner(6, 77000000)), multisig(2, 4, [3, 5], inner(7, 1000000))],
		11: () => [multisig(2, 3, [5], { ...rent(100000000, `m${round}`, null), fee: 150000 })],
		12: () => [signed(rent(10000000, 'sub', space)), pay(6, 0, 3000000, text('back'))],
		13: () => [0, 1, 2, 3, 4].map(number => pay(0, 6 + number % 3, 1000000 + number, text(`customer ${number}`))),
		14: () => [signed(head(4097, 1, 8, 500000, { modifications: added.slice(0, 1) }))]
	};
	return (scenes[nth] ?? (() => []))();
};

let previous = '77'.repeat(32);
for (let height = FIRST; height < FIRST + COUNT; ++height) {
	const [round, nth] = [Math.floor(height / 16), height % 16];
	const timeStamp = 89000000 + 60 * (height - FIRST + 1);
	const transactions = scene(round, nth, timeStamp);
	const harvester = account(1000000 + height % 5);
	const bytes = Buffer.concat([
		u32(1), u32(MAIN + 1), u32(timeStamp), sized(Buffer.from(harvester.key, 'hex')),
		sized(sized(Buffer.from(previous, 'hex'))), u64(height), u32(transactions.length), ...transactions.map(whole).map(sized)
	]);
	const signature = sign(harvester.key, bytes);
	const verifier = new NemFacade.Verifier(new PublicKey(harvester.key));
	assert(verifier.verify(bytes, new Signature(Buffer.from(signature, 'hex'))));
	console.log(JSON.stringify({
		timeStamp, signature, prevBlockHash: { data: previous }, type: 1, transactions, version: MAIN + 1, signer: harvester.key, height
	}));
	previous = keccak(bytes);
}

// Makes made-by-sdks.json: one transaction of each type and version, in the JSON a node tells and in binary.
//
// `nem-sdk` writes and signs, `symbol-sdk` reads back, hashes and verifies: what they disagree on stops the run.
//     npm install nem-sdk@1.6.11 symbol-sdk@3.3.2 && node made-by-sdks.mjs > made-by-sdks.json
import assert from 'node:assert';
import nemSdk from 'nem-sdk';
import { Signature } from 'symbol-sdk';
import { NemFacade } from 'symbol-sdk/nem';

const nem = nemSdk.default ?? nemSdk;
const { convert, serialization } = nem.utils;
const facade = new NemFacade('mainnet');
const pairs = ['11', '22', '33', '44'].map(byte => nem.crypto.keyPair.create(byte.repeat(32)));
const keys = pairs.map(pair => pair.publicKey.toString());
const addresses = keys.map(key => nem.model.address.toAddress(key, 104));

const head = (type, version, by, fields) =>
	({ timeStamp: 89304935, type, version: 0x68000000 + version, signer: keys[by], fee: 1250000, deadline: 89308535, ...fields });
const id = (namespaceId, name) => ({ namespaceId, name });
const xem = quantity => ({ quantity, mosaicId: id('nem', 'xem') });
const property = (name, value) => ({ name, value });
const properties = [property('divisibility', '3'), property('initialSupply', '1000'), property('supplyMutable', 'true'),
	property('transferable', 'false')];
const definition = levy => ({
	creator: keys[0], id: id('ts', 'warning_dont_accept_stolen_funds'), description: 'Coins of a theft: 盗難', properties, levy
});
const levy = type => ({ type, recipient: addresses[2], mosaicId: id('nem', 'xem'), fee: 10 });
const transfer = (version, message, fields) =>
	head(257, version, 0, { recipient: addresses[1], amount: 100000000000000, message, ...fields });
const change = (modificationType, by) => ({ modificationType, cosignatoryAccount: keys[by] });
const sink = { creationFeeSink: addresses[3], creationFee: 10000000 };
const rent = (newPart, parent) => head(8193, 1, 0, { rentalFeeSink: addresses[3], rentalFee: 100000000, newPart, parent });

const transactions = [
	transfer(1, { type: 1, payload: '6d656d6f' }),
	transfer(1, { type: 2, payload: '00ff'.repeat(40) }),
	transfer(2, { type: 1, payload: '31' }, { mosaics: [] }),
	transfer(2, { type: 1, payload: '31' }, { mosaics: [xem(5123456), { quantity: 7, mosaicId: id('nextem', 'nex') }] }),
	head(2049, 1, 0, { mode: 1, remoteAccount: keys[1] }),
	head(2049, 1, 0, { mode: 2, remoteAccount: keys[1] }),
	head(4097, 1, 0, { modifications: [change(1, 1)] }),
	head(4097, 2, 0, { modifications: [change(1, 1), change(2, 2)], minCosignatories: { relativeChange: 2 } }),
	head(4097, 2, 0, { modifications: [], minCosignatories: { relativeChange: -1 } }),
	rent('coincheck', null),
	rent('stolen', 'coincheck'),
	head(16385, 1, 0, { mosaicDefinition: definition({}), ...sink }),
	head(16385, 1, 0, { mosaicDefinition: definition(levy(1)), ...sink }),
	head(16385, 1, 0, { mosaicDefinition: definition(levy(2)), ...sink }),
	head(16386, 1, 0, { mosaicId: id('ts', 'tag'), supplyType: 1, delta: 9000000000 }),
	head(16386, 1, 0, { mosaicId: id('ts', 'tag'), supplyType: 2, delta: 1 }),
	head(4098, 1, 2, { otherHash: { data: 'ab'.repeat(32) }, otherAccount: addresses[0] })
];
const inside = transactions.slice(0, 16).map(otherTrans => head(4100, 1, 1, { otherTrans }));

// A node tells `{}` for what is absent, `nem-sdk` wants null.
const absent = (_, value) => (value && typeof value === 'object' && !Object.keys(value).length && !Array.isArray(value) ? null : value);
const bytesOf = entity => Buffer.from(serialization.serializeTransaction(JSON.parse(JSON.stringify(entity, absent))));
const hashOf = entity => {
	const bytes = bytesOf(entity);
	return nem.crypto.js.SHA3(convert.ua2words(bytes, bytes.length), { outputLength: 256 }).toString();
};
const sign = entity => pairs[keys.indexOf(entity.signer)].sign(convert.ua2hex(bytesOf(entity))).toString();
const u32 = value => { const bytes = Buffer.alloc(4); bytes.writeUInt32LE(value); return bytes; };

// The whole binary form: the signature stands behind the signer, cosignatures behind everything.
const whole = entity => {
	const bytes = bytesOf(entity);
	const parts = [bytes.subarray(0, 48), u32(64), Buffer.from(entity.signature, 'hex'), bytes.subarray(48)];
	if (entity.type === 4100) {
		const each = entity.signatures.map(whole);
		parts.push(u32(each.length), ...each.flatMap(signed => [u32(signed.length), signed]));
	}
	return Buffer.concat(parts);
};

const agreed = entity => {
	const bytes = whole(entity), hash = hashOf(entity);
	const read = facade.transactionFactory.static.deserialize(bytes);
	assert.deepEqual(Buffer.from(read.serialize()), bytes);
	assert.equal(facade.hashTransaction(read).toString().toLowerCase(), hash);
	assert(facade.verifyTransaction(read, new Signature(Buffer.from(entity.signature, 'hex'))));
	return { hash, bytes: bytes.toString('hex'), transaction: entity };
};

for (const entity of inside) {
	const cosign = by => {
		const entityOf = head(4098, 1, by, { otherHash: { data: hashOf(entity.otherTrans) }, otherAccount: addresses[0] });
		return { ...entityOf, signature: sign(entityOf) };
	};
	entity.signatures = [cosign(2), cosign(3)];
}
const made = [...transactions, ...inside].map(entity => ({ ...entity, signature: sign(entity) })).map(agreed);
console.log(`[\n${made.map(each => JSON.stringify(each)).join(',\n')}\n]`);

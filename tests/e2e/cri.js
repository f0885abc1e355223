#!/usr/bin/env node
// SPDX-License-Identifier: Apache-2.0
//
// A client for the Container Runtime Interface (runtime.v1), which is what a kubelet
// speaks: gRPC over a unix socket, with node's own http2 and the few messages needed here.
// It knows pods, containers and sessions; of images and of files it knows nothing.
//
//	cri.js SOCKET call METHOD [REQUEST]	any call; prints the reply as JSON
//	cri.js SOCKET pod FILE POD		runs a pod; FILE gets what the others need
//	cri.js SOCKET run FILE OPTIONS COMMAND...	runs a container in the pod of FILE
//	cri.js SOCKET exec ID COMMAND...	ExecSync; ends with the status of COMMAND
//
// POD and OPTIONS are JSON, see run_pod and run_container. Fields and numbers are those of
// k8s.io/cri-api pkg/apis/runtime/v1/api.proto; a field not listed is skipped.
'use strict';
const fs = require('fs');
const http2 = require('http2');
const net = require('net');

const TIMEOUT_MS = 60000;
const POLL_MS = 10;
const NAMESPACE = { POD: 0, CONTAINER: 1, NODE: 2, TARGET: 3 };
const CONTAINER_EXITED = 2;

// name: [number, type]; "[]type" is repeated, "map" is map<string, string>
const messages = {
	Empty: {},
	MapEntry: { key: [1, 'string'], value: [2, 'string'] },
	VersionRequest: { version: [1, 'string'] },
	VersionResponse: { version: [1, 'string'], runtime_name: [2, 'string'],
		runtime_version: [3, 'string'], runtime_api_version: [4, 'string'] },
	NamespaceOption: { network: [1, 'int'], pid: [2, 'int'], ipc: [3, 'int'],
		target_id: [4, 'string'] },
	SandboxSecurity: { namespace_options: [1, 'NamespaceOption'] },
	SandboxLinux: { cgroup_parent: [1, 'string'], security_context: [2, 'SandboxSecurity'] },
	SandboxMetadata: { name: [1, 'string'], uid: [2, 'string'], namespace: [3, 'string'],
		attempt: [4, 'int'] },
	SandboxConfig: { metadata: [1, 'SandboxMetadata'], hostname: [2, 'string'],
		labels: [6, 'map'], annotations: [7, 'map'], linux: [8, 'SandboxLinux'] },
	RunPodSandboxRequest: { config: [1, 'SandboxConfig'], runtime_handler: [2, 'string'] },
	RunPodSandboxResponse: { pod_sandbox_id: [1, 'string'] },
	ImageSpec: { image: [1, 'string'], user_specified_image: [18, 'string'] },
	ContainerMetadata: { name: [1, 'string'], attempt: [2, 'int'] },
	ContainerSecurity: { namespace_options: [3, 'NamespaceOption'] },
	ContainerLinux: { security_context: [2, 'ContainerSecurity'] },
	ContainerConfig: { metadata: [1, 'ContainerMetadata'], image: [2, 'ImageSpec'],
		command: [3, '[]string'], labels: [9, 'map'], annotations: [10, 'map'],
		linux: [15, 'ContainerLinux'] },
	CreateContainerRequest: { pod_sandbox_id: [1, 'string'], config: [2, 'ContainerConfig'],
		sandbox_config: [3, 'SandboxConfig'] },
	ContainerId: { container_id: [1, 'string'] },
	ContainerStatus: { id: [1, 'string'], state: [3, 'int'], exit_code: [7, 'int'],
		image_ref: [9, 'string'], reason: [10, 'string'] },
	ContainerStatusResponse: { status: [1, 'ContainerStatus'] },
	ExecSyncRequest: { container_id: [1, 'string'], cmd: [2, '[]string'], timeout: [3, 'int'] },
	ExecSyncResponse: { stdout: [1, 'string'], stderr: [2, 'string'], exit_code: [3, 'int'] },
	Image: { id: [1, 'string'], repo_tags: [2, '[]string'], repo_digests: [3, '[]string'] },
	ListImagesResponse: { images: [1, '[]Image'] },
};

// name: [service, request, response]
const methods = {
	Version: ['Runtime', 'VersionRequest', 'VersionResponse'],
	RunPodSandbox: ['Runtime', 'RunPodSandboxRequest', 'RunPodSandboxResponse'],
	CreateContainer: ['Runtime', 'CreateContainerRequest', 'ContainerId'],
	StartContainer: ['Runtime', 'ContainerId', 'Empty'],
	RemoveContainer: ['Runtime', 'ContainerId', 'Empty'],
	ContainerStatus: ['Runtime', 'ContainerId', 'ContainerStatusResponse'],
	ExecSync: ['Runtime', 'ExecSyncRequest', 'ExecSyncResponse'],
	ListImages: ['Image', 'Empty', 'ListImagesResponse'],
};

// ---- protobuf ----

const WIRE_VARINT = 0, WIRE_64BIT = 1, WIRE_BYTES = 2, WIRE_32BIT = 5;

function encode_varint(value) {
	const bytes = [];
	let rest = BigInt.asUintN(64, BigInt(value));

	do {
		const low = Number(rest & 127n);

		rest >>= 7n;
		bytes.push(rest ? low | 128 : low);
	} while (rest);
	return Buffer.from(bytes);
}

function encode_bytes(number, bytes) {
	return Buffer.concat([encode_varint(number << 3 | WIRE_BYTES),
		encode_varint(bytes.length), bytes]);
}

function encode_value(number, type, value) {
	if (type === 'string')
		return encode_bytes(number, Buffer.from(value));
	if (type === 'int')
		return Buffer.concat([encode_varint(number << 3 | WIRE_VARINT), encode_varint(value)]);
	return encode_bytes(number, encode(type, value));
}

function encode_field(number, type, value) {
	if (type === 'map')
		return Object.entries(value).map(([key, value]) =>
			encode_value(number, 'MapEntry', { key, value }));
	if (type.startsWith('[]'))
		return value.map((item) => encode_value(number, type.slice(2), item));
	return [encode_value(number, type, value)];
}

function encode(type, object) {
	return Buffer.concat(Object.entries(object).flatMap(([name, value]) => {
		if (!messages[type][name])
			throw new Error(`${type} has no field ${name}`);
		return encode_field(...messages[type][name], value);
	}));
}

class Reader {
	constructor(bytes) {
		this.bytes = bytes;
		this.at = 0;
	}

	get at_end() {
		return this.at >= this.bytes.length;
	}

	take(length) {
		if (length > this.bytes.length - this.at)
			throw new Error('a message that is cut short');
		this.at += length;
		return this.bytes.subarray(this.at - length, this.at);
	}

	varint() {
		let value = 0n;

		for (let shift = 0n; shift < 70n; shift += 7n) {
			const byte = this.take(1)[0];

			value |= BigInt(byte & 127) << shift;
			if (byte < 128)
				return value;
		}
		throw new Error('a number that is too long');
	}

	// What follows a key of this wire type: a number or bytes.
	value(wire) {
		switch (wire) {
		case WIRE_VARINT: return this.varint();
		case WIRE_BYTES: return this.take(Number(this.varint()));
		case WIRE_64BIT: return this.take(8);
		case WIRE_32BIT: return this.take(4);
		default: throw new Error(`wire type ${wire}`);
		}
	}
}

function decode_value(type, value) {
	if (type === 'string')
		return value.toString();
	if (type === 'int')
		return Number(BigInt.asIntN(64, value));
	return decode(type, value);
}

function decode_field(object, name, type, value) {
	if (type === 'map') {
		const entry = decode('MapEntry', value);

		object[name] = { ...object[name], [entry.key || '']: entry.value || '' };
	} else if (type.startsWith('[]')) {
		object[name] = [...object[name] || [], decode_value(type.slice(2), value)];
	} else {
		object[name] = decode_value(type, value);
	}
}

function decode(type, bytes) {
	const fields = Object.entries(messages[type]);
	const reader = new Reader(bytes);
	const object = {};

	while (!reader.at_end) {
		const key = Number(reader.varint());
		const value = reader.value(key & 7);
		const field = fields.find(([, [number]]) => number === key >> 3);

		if (field)
			decode_field(object, field[0], field[1][1], value);
	}
	return object;
}

// ---- gRPC ----

class Client {
	constructor(socket) {
		this.session = http2.connect('http://localhost',
			{ createConnection: () => net.connect(socket) });
		this.session.on('error', () => {}); // each stream gets it too
	}

	close() {
		this.session.close();
	}

	// Resolves with the reply; rejects with what the server said.
	call(method, request) {
		const [service, request_type, reply_type] = methods[method];
		const message = encode(request_type, request);
		const prefix = Buffer.alloc(5); // not compressed, length
		const chunks = [];
		const headers = {}; // an error may come as trailers alone

		prefix.writeUInt32BE(message.length, 1);
		return new Promise((resolve, reject) => {
			const stream = this.session.request({
				':method': 'POST',
				':path': `/runtime.v1.${service}Service/${method}`,
				'content-type': 'application/grpc',
				[http2.constants.HTTP2_HEADER_TE]: 'trailers',
			});

			stream.setTimeout(TIMEOUT_MS, () => stream.destroy(new Error(`${method}: timeout`)));
			stream.on('response', (some) => Object.assign(headers, some));
			stream.on('trailers', (some) => Object.assign(headers, some));
			stream.on('data', (chunk) => chunks.push(chunk));
			stream.on('error', reject);
			stream.on('end', () => {
				if (headers['grpc-status'] === '0')
					resolve(decode(reply_type, Buffer.concat(chunks).subarray(5)));
				else
					reject(new Error(`${method}: ${decodeURIComponent(
						headers['grpc-message'] || `status ${headers['grpc-status']}`)}`));
			});
			stream.end(Buffer.concat([prefix, message]));
		});
	}
}

// ---- what a kubelet does ----

function pod_labels(metadata) {
	return {
		'io.kubernetes.pod.name': metadata.name,
		'io.kubernetes.pod.namespace': metadata.namespace,
		'io.kubernetes.pod.uid': metadata.uid,
	};
}

// What kubectl apply leaves with a pod.
function applied(pod) {
	const { name, namespace, containers } = pod;

	return JSON.stringify({ apiVersion: 'v1', kind: 'Pod',
		metadata: { annotations: {}, name, namespace }, spec: { containers } }) + '\n';
}

// POD: name, namespace, uid, cgroup_parent, runtime, containers of its spec. The network is the host's, so no
// plugin for networks is asked.
async function run_pod(client, file, pod) {
	const { name, namespace, uid } = pod;
	const metadata = { name, namespace, uid, attempt: 0 };
	const config = {
		metadata,
		labels: { app: name, ...pod_labels(metadata) },
		annotations: {
			'kubectl.kubernetes.io/last-applied-configuration': applied(pod),
			'kubernetes.io/config.source': 'api',
		},
		linux: {
			cgroup_parent: pod.cgroup_parent,
			security_context: { namespace_options:
				{ network: NAMESPACE.NODE, pid: NAMESPACE.CONTAINER } },
		},
	};
	const reply = await client.call('RunPodSandbox', { config, runtime_handler: pod.runtime });

	fs.writeFileSync(file, JSON.stringify({ id: reply.pod_sandbox_id, config }));
}

function container_config(pod, options, command) {
	const { metadata } = pod.config;
	const target = options.target ?
		{ pid: NAMESPACE.TARGET, target_id: options.target } : { pid: NAMESPACE.CONTAINER };

	return {
		metadata: { name: options.name, attempt: 0 },
		image: { image: options.image, user_specified_image: options.image },
		command,
		labels: { 'io.kubernetes.container.name': options.name, ...pod_labels(metadata),
			...options.labels },
		annotations: {
			'io.kubernetes.container.hash': 'abcd1234',
			'io.kubernetes.container.restartCount': '0',
			'io.kubernetes.container.terminationMessagePath': '/dev/termination-log',
			'io.kubernetes.container.terminationMessagePolicy': 'File',
			'io.kubernetes.pod.terminationGracePeriod': '30',
		},
		linux: { security_context: { namespace_options: { network: NAMESPACE.NODE, ...target } } },
	};
}

async function wait_for_exit(client, container) {
	for (;;) {
		const { status } = await client.call('ContainerStatus', container);

		if (status.state === CONTAINER_EXITED)
			return status.exit_code || 0;
		await new Promise((resolve) => setTimeout(resolve, POLL_MS));
	}
}

// OPTIONS: name, image, labels, target (the container whose process namespace is shared), detach
// (return when it runs), id_file (gets the id before the container runs).
async function run_container(client, file, options, command) {
	const pod = JSON.parse(fs.readFileSync(file));
	const container = await client.call('CreateContainer', {
		pod_sandbox_id: pod.id,
		config: container_config(pod, options, command),
		sandbox_config: pod.config,
	});

	fs.writeFileSync(options.id_file, container.container_id);
	try {
		await client.call('StartContainer', container);
		if (options.detach)
			return 0;
		return await wait_for_exit(client, container);
	} finally {
		if (!options.detach)
			await client.call('RemoveContainer', container);
	}
}

async function exec_sync(client, id, command) {
	const reply = await client.call('ExecSync', { container_id: id, cmd: command, timeout: 20 });

	process.stdout.write(reply.stdout || '');
	process.stderr.write(reply.stderr || '');
	return reply.exit_code || 0;
}

// Resolves with the status to end with.
async function run_verb(client, verb, args) {
	switch (verb) {
	case 'call':
		console.log(JSON.stringify(await client.call(args[0], JSON.parse(args[1] || '{}'))));
		return 0;
	case 'pod':
		await run_pod(client, args[0], JSON.parse(args[1]));
		return 0;
	case 'run':
		return run_container(client, args[0], JSON.parse(args[1]), args.slice(2));
	case 'exec':
		return exec_sync(client, args[0], args.slice(1));
	default:
		throw new Error(`no such verb: ${verb}`);
	}
}

async function main([socket, verb, ...args]) {
	const client = new Client(socket);

	try {
		process.exitCode = await run_verb(client, verb, args);
	} catch (error) {
		console.error(`cri.js: ${error.message}`);
		process.exitCode = 125;
	} finally {
		client.close();
	}
}

main(process.argv.slice(2));

// zip.mjs - reads and writes the plain zip files that the clients send: stored or deflated, no encryption, no zip64.
import zlib from 'node:zlib';

// unzip BYTES: Map of name to content. The central directory is the truth; local headers may lack the sizes.
export function unzip(bytes) {
    const end = bytes.lastIndexOf(Buffer.from('PK\x05\x06'));
    if (end < 0) throw new Error('is no zip file');
    const files = new Map();
    let at = bytes.readUInt32LE(end + 16);
    for (let left = bytes.readUInt16LE(end + 10); left > 0; left--) {
        if (bytes.readUInt32LE(at) !== 0x02014b50) throw new Error('the directory of the zip file is damaged');
        const method = bytes.readUInt16LE(at + 10),
            checksum = bytes.readUInt32LE(at + 16),
            packed = bytes.readUInt32LE(at + 20);
        const nameLength = bytes.readUInt16LE(at + 28),
            local = bytes.readUInt32LE(at + 42);
        const name = bytes.toString('utf8', at + 46, at + 46 + nameLength);
        const start = local + 30 + bytes.readUInt16LE(local + 26) + bytes.readUInt16LE(local + 28);
        const raw = bytes.subarray(start, start + packed);
        const content = method === 8 ? zlib.inflateRawSync(raw) : raw;
        if (crc32(content) !== checksum) throw new Error(`${name} in the zip file is damaged`);
        if (!name.endsWith('/')) files.set(name, content);
        at += 46 + nameLength + bytes.readUInt16LE(at + 30) + bytes.readUInt16LE(at + 32);
    }
    return files;
}

const table = Uint32Array.from({ length: 256 }, (_, n) => {
    for (let k = 0; k < 8; k++) n = n & 1 ? (n >>> 1) ^ 0xedb88320 : n >>> 1;
    return n;
});
function crc32(bytes) {
    let crc = 0xffffffff;
    for (const byte of bytes) crc = (crc >>> 8) ^ table[(crc ^ byte) & 255];
    return (crc ^ 0xffffffff) >>> 0;
}

// zip FILES: {name: content} as the bytes of a zip file, stored.
export function zip(files) {
    const parts = [],
        directory = [];
    let offset = 0;
    for (const [name, content] of Object.entries(files)) {
        const fields = Buffer.alloc(26);
        fields.writeUInt16LE(20, 0);
        fields.writeUInt32LE(crc32(content), 10);
        fields.writeUInt32LE(content.length, 14);
        fields.writeUInt32LE(content.length, 18);
        fields.writeUInt16LE(Buffer.byteLength(name), 22);
        const tail = Buffer.alloc(14);
        tail.writeUInt32LE(offset, 10);
        const entry = Buffer.concat([Buffer.from('PK\x03\x04'), fields, Buffer.from(name), content]);
        directory.push(Buffer.from('PK\x01\x02\x14\x00'), fields, tail, Buffer.from(name));
        parts.push(entry);
        offset += entry.length;
    }
    const index = Buffer.concat(directory),
        end = Buffer.alloc(18);
    end.writeUInt16LE(parts.length, 4);
    end.writeUInt16LE(parts.length, 6);
    end.writeUInt32LE(index.length, 8);
    end.writeUInt32LE(offset, 12);
    return Buffer.concat([...parts, index, Buffer.from('PK\x05\x06'), end]);
}

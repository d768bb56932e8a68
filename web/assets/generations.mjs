// Owns how one build follows another in web/static/dist: a server that runs meanwhile goes on finding its files.
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';

/**
 * Write beside the old folder and swap, so that nobody sees half of it. The files of the build before stay beside the
 * new ones: pages that are open, and servers that know its manifest by heart, still ask for them.
 */
export function write(dist, outputs, stamp) {
  const fresh = `${dist}.new`;
  fs.rmSync(fresh, { recursive: true, force: true });
  fs.mkdirSync(fresh, { recursive: true });
  const manifest = {};
  for (const [name, text] of outputs) {
    const { name: stem, ext } = path.parse(name);
    manifest[name] = `${stem}.${hash(text, 8)}${ext}`;
    fs.writeFileSync(path.join(fresh, manifest[name]), text);
  }
  fs.writeFileSync(path.join(fresh, 'manifest.json'), JSON.stringify(manifest, null, 2) + '\n');
  fs.writeFileSync(path.join(fresh, '.stamp'), stamp);
  for (const file of listed(dist)) {
    if (fs.existsSync(path.join(dist, file))) fs.cpSync(path.join(dist, file), path.join(fresh, file));
  }
  fs.rmSync(dist, { recursive: true, force: true });
  fs.renameSync(fresh, dist);
}

/** Remove what is not of the build itself, as a package wants it that nobody has open. */
export function leaveAlone(dist) {
  const mine = new Set([...listed(dist), 'manifest.json', '.stamp']);
  for (const file of fs.readdirSync(dist)) if (!mine.has(file)) fs.rmSync(path.join(dist, file));
}

export function hash(text, length) {
  return createHash('sha256').update(text).digest('hex').slice(0, length);
}

function listed(dist) {
  const file = path.join(dist, 'manifest.json');
  return fs.existsSync(file) ? Object.values(JSON.parse(fs.readFileSync(file, 'utf8'))) : [];
}

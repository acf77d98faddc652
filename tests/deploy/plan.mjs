// plan.mjs - the commands of a page, in order: every line of its indented blocks, with continued lines joined.
//   node plan.mjs PAGE FOLDER    writes FOLDER/001, 002, ... (the command, word for word) and FOLDER/001.at (its heading and line)
import fs from 'node:fs';
import { fileURLToPath } from 'node:url';

export function commandsOf(text) {
    const found = [];
    let heading = '',
        open = null,
        before = '';
    text.split('\n').forEach((line, i) => {
        if (/^#+ /.test(line)) heading = line.replace(/^#+ /, '');
        const inBlock = /^ {4}\S/.test(line) && (before.trim() === '' || /^ {4}/.test(before));
        if (open || inBlock) {
            const command = line.replace(/^ {4}/, '');
            open ??= { heading, line: i + 1, text: '' };
            open.text += `${command}\n`;
            if (!command.endsWith('\\')) {
                found.push(open);
                open = null;
            }
        }
        before = line;
    });
    return found;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
    const [page, folder] = process.argv.slice(2);
    fs.rmSync(folder, { recursive: true, force: true });
    fs.mkdirSync(folder, { recursive: true });
    commandsOf(fs.readFileSync(page, 'utf8')).forEach((c, i) => {
        const name = `${folder}/${String(i + 1).padStart(3, '0')}`;
        fs.writeFileSync(name, c.text);
        fs.writeFileSync(`${name}.at`, `${c.heading} (line ${c.line}\n`);
    });
}

// peers.mjs FOLDER - the project read by others' eyes: Apex by the grammar of @apexdevtools/apex-parser, XML against the
// Metadata API's own types in @salesforce/types (made from its WSDL). One line per fault; exit code 1 when there is one.
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { ApexErrorListener, ApexParserFactory } from '@apexdevtools/apex-parser'

const folder = process.argv[2]
const faults = []

// ---- Apex ----

class Listener extends ApexErrorListener {
  constructor (path) { super(); this.path = path }
  apexSyntaxError (line, column, message) { faults.push(`${this.path}:${line}:${column}: ${message}`) }
}

function checkApex (path) {
  const { parser } = ApexParserFactory.createLexerAndParser(readFileSync(path, 'utf8'), new Listener(path))
  parser.compilationUnit()
}

// ---- types of the Metadata API ----

const declarations = readFileSync(new URL('node_modules/@salesforce/types/lib/metadata.d.ts', import.meta.url), 'utf8')

// remembered FUNCTION: the same, which looks each name up once: the declarations are long
function remembered (look) {
  const known = new Map()
  return name => {
    if (!known.has(name)) known.set(name, look(name))
    return known.get(name)
  }
}

// What a name stands for: {enum: Set} or {base, members: Map(name -> {type, many, required})}
const typeOf = remembered(name => {
  const found = new RegExp(`^export type ${name} = ([^;{]*)(\\{[^}]*\\})?;`, 'm').exec(declarations)
  if (!found) return null
  if (!found[2]) {
    const values = [...found[1].matchAll(/'([^']*)'/g)].map(m => m[1])
    return values.length ? { enum: new Set(values) } : { base: found[1].trim(), members: new Map() }
  }
  const members = new Map()
  for (const [, member, optional, type, many] of found[2].matchAll(/^\s*(\w+)(\?)?: ([^;[]+)(\[\])?;/gm)) {
    members.set(member, { type: type.trim(), many: Boolean(many), required: !optional && !many })
  }
  return { base: found[1].split('&')[0].trim(), members }
})

const membersOf = remembered(name => {
  const type = typeOf(name)
  if (!type?.members) return null
  return new Map([...(type.base ? membersOf(type.base) ?? [] : []), ...type.members])
})

// ---- XML: well-formed already, elements and text only ----

function parse (text) {
  const root = { name: '', children: [], text: '' }
  const stack = [root]
  for (const [, close, name, empty, words] of text.replace(/<\?.*?\?>|<!--.*?-->/gs, '').matchAll(/<(\/)?([\w.]+)[^>]*?(\/)?>|([^<]+)/g)) {
    const top = stack[stack.length - 1]
    if (words !== undefined) top.text += words
    else if (close) stack.pop()
    else {
      const node = { name, children: [], text: '' }
      top.children.push(node)
      if (!empty) stack.push(node)
    }
  }
  return root.children[0]
}

const plain = {
  boolean: v => v === 'true' || v === 'false',
  number: v => v.trim() !== '' && Number.isFinite(Number(v)),
  string: () => true
}

function checkNode (path, node, typeName, where) {
  const members = membersOf(typeName)
  if (!members) return faults.push(`${path}: ${where}: the Metadata API has no type ${typeName}`)
  const seen = new Set()
  for (const child of node.children) {
    const member = members.get(child.name)
    const at = `${where}/${child.name}`
    if (!member) { faults.push(`${path}: ${at}: ${typeName} has no such member`); continue }
    if (seen.has(child.name) && !member.many) faults.push(`${path}: ${at}: stands twice`)
    seen.add(child.name)
    const type = plain[member.type] ? null : typeOf(member.type)
    if (plain[member.type]) {
      if (child.children.length || !plain[member.type](child.text)) faults.push(`${path}: ${at}: ${child.text.trim()} is no ${member.type}`)
    } else if (type?.enum) {
      if (!type.enum.has(child.text)) faults.push(`${path}: ${at}: ${child.text} is no ${member.type}`)
    } else {
      checkNode(path, child, member.type, at)
    }
  }
  for (const [name, member] of members) {
    if (member.required && !seen.has(name) && !inName(typeName, name)) faults.push(`${path}: ${where}: ${name} is missing`)
  }
}

// In source format the fields of an object stand in files of their own.
const inName = (type, name) => type === 'CustomObject' && name === 'fields'

let apex = 0
let xml = 0
function walk (path) {
  for (const name of readdirSync(path).sort()) {
    const at = join(path, name)
    if (statSync(at).isDirectory()) walk(at)
    else if (name.endsWith('.cls')) { apex++; checkApex(at) }
    else if (name.endsWith('-meta.xml')) {
      const root = parse(readFileSync(at, 'utf8'))
      xml++
      checkNode(at, root, root.name, root.name)
    }
  }
}
walk(folder)
for (const fault of faults) console.log(fault)
console.log(`${apex} classes, ${xml} metadata files, ${faults.length} faults`)
process.exit(faults.length || !apex || !xml ? 1 : 0)

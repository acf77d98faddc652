// A reserved word of Apex, whatever its case, becomes "z0" and the word in every customer's code.
// The list is that of the Apex Developer Guide; runtime/declare/apex_names.c has the same, and the gate's test compares the two.
export const words = new Set(
    `abstract activate and any array as asc autonomous begin bigdecimal blob boolean break bulk by byte case cast catch char class
    collect commit const continue currency date datetime decimal default delete desc do double else end enum exception exit export
    extends false final finally float for from global goto group having hint if implements import in inner insert instanceof int
    integer interface into join like limit list long loop map merge new not null number object of on or order outer override package
    parallel pragma private protected public retrieve return rollback select set short sobject sort static string super switch
    synchronized system testmethod then this throw time transaction trigger true try type undelete update upsert using virtual void
    webservice when where while`.split(/\s+/),
);

export default function reservedWord(name) {
    if (typeof name !== "string" || !words.has(name.toLowerCase())) return;
    return [{ message: `"${name}" is a reserved word of Apex` }];
}

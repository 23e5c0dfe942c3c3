import { readdirSync, readFileSync } from 'node:fs';
import { extname, join, relative } from 'node:path';
import * as ts from 'typescript';

export const ROOT = join(__dirname, '..', '..');
/** What tools make, and what others wrote. */
const NOT_OURS = new Set(['node_modules', 'dist', 'coverage', '.git', '.wapas', '.idea', '.vscode']);
const TEXT = new Set(['.ts', '.tsx', '.js', '.cjs', '.mjs', '.json', '.yaml', '.yml', '.md', '.html', '.css', '.sql', '.sh', '']);

export interface SourceFile {
  /** From the root of the repository, with slashes. */
  readonly path: string;
  readonly text: string;
}

/** Every text file below a folder of the repository, or of all of it. */
export function filesIn(folder = ''): SourceFile[] {
  return readdirSync(join(ROOT, folder), { withFileTypes: true }).flatMap((entry): SourceFile[] => {
    const path = join(folder, entry.name);
    if (NOT_OURS.has(entry.name)) return [];
    if (entry.isDirectory()) return filesIn(path);
    if (!entry.isFile() || !TEXT.has(extname(entry.name))) return [];
    const file = join(ROOT, path);
    return [{ path: relative(ROOT, file).replaceAll('\\', '/'), text: readFileSync(file, 'utf8') }];
  });
}

/** The code of the product itself: without specs and their kits. */
export const productCode = (): SourceFile[] =>
  ['src', 'libs'].flatMap((folder) => filesIn(folder)).filter(({ path }) => /(?<!\.spec|\.test-kit)\.ts$/.test(path));

/** Visits every node of a file's syntax tree: code is seen as code, and comments not at all. */
export function eachNode({ path, text }: SourceFile, visit: (node: ts.Node) => void): void {
  const walk = (node: ts.Node): void => {
    visit(node);
    ts.forEachChild(node, walk);
  };
  walk(ts.createSourceFile(path, text, ts.ScriptTarget.ES2023, true));
}

/** Texts in quotes or backticks, the parts of a template each on its own. */
export function literalsOf(file: SourceFile): string[] {
  const literals: string[] = [];
  eachNode(file, (node) => {
    if (ts.isStringLiteral(node) || ts.isNoSubstitutionTemplateLiteral(node)) literals.push(node.text);
    if (ts.isTemplateHead(node) || ts.isTemplateMiddle(node) || ts.isTemplateTail(node)) literals.push(node.text);
  });
  return literals;
}

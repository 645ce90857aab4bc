// Reads documents with AsyncAPI's own parser: a line of JSON for each, with what it says against it.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

const [folder, ...files] = process.argv.slice(2);
const { Parser } = createRequire(`${folder}/package.json`)("@asyncapi/parser");

for (const file of files) {
  const { document, diagnostics } = await new Parser().parse(readFileSync(file, "utf8"));
  const said = diagnostics.map(({ severity, code, message, path }) => ({ severity, code, message, path: path.join("/") }));
  const counts = document && {
    channels: document.allChannels().length,
    operations: document.allOperations().length,
    messages: document.allMessages().length,
  };
  console.log(JSON.stringify({ file, counts, said }));
}

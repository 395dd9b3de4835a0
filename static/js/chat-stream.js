// Server-sent events over fetch(): EventSource can neither POST nor send our headers.

/** Each {event, data} of a text/event-stream response; data is parsed JSON. */
export async function* readEvents(response) {
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  try {
    for (;;) {
      const { value, done } = await reader.read();
      if (done) return;
      const blocks = (rest + value).replaceAll("\r\n", "\n").split("\n\n");
      rest = blocks.pop();
      for (const block of blocks) {
        const frame = parse(block);
        if (frame) yield frame;
      }
    }
  } finally {
    reader.cancel().catch(() => null); // already closed, or cut off: either way there is nothing to free
  }
}

function parse(block) {
  let event = "message";
  const data = [];
  for (const line of block.split("\n")) {
    if (line.startsWith("event:")) event = line.slice(6).trim();
    else if (line.startsWith("data:")) data.push(line.slice(5).replace(/^ /, ""));
  }
  return data.length ? { event, data: JSON.parse(data.join("\n")) } : null; // comments keep the line alive
}

/**
 * Messages and frames.
 *
 * Owns the header form of a message and its reverse. Pure. Invariant: lengths count UTF-8 bytes.
 */

const SEPARATOR = "\r\n\r\n";

/** One message with its header. */
export function frame(text: string): string {
  return `Content-Length: ${Buffer.byteLength(text, "utf8")}${SEPARATOR}${text}`;
}

/** The messages in one frame, with or without headers. An empty frame holds none. */
export function unframe(bytes: Buffer): string[] {
  const messages: string[] = [];
  let rest = bytes;
  while (rest.length > 0) {
    const start = rest.findIndex((byte) => byte !== 0x20 && byte !== 0x09 && byte !== 0x0d && byte !== 0x0a);
    if (start < 0) break;
    if (rest[start] === 0x7b) {
      messages.push(rest.subarray(start).toString("utf8"));
      break;
    }
    const end = rest.indexOf(SEPARATOR, start);
    const length = /content-length:\s*(\d+)/i.exec(rest.subarray(start, end < 0 ? start : end).toString("latin1"));
    if (!length) throw new Error("a frame holds neither a message nor a Content-Length header");
    const body = end + SEPARATOR.length;
    const stop = body + Number(length[1]);
    if (rest.length < stop) throw new Error("a frame ends inside a message");
    messages.push(rest.subarray(body, stop).toString("utf8"));
    rest = rest.subarray(stop);
  }
  return messages;
}

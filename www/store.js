// The conversation, kept across reloads beside what Flywheel keeps. A storage that is not there is no error.

const key = (name) => `flywheel-demo:${name}`;

/** The highest number of a person whose conversation is kept: `demo-3` is the third. */
export function lastPerson(app) {
  const start = key(`chat:${app}-`);
  try {
    const numbers = Object.keys(localStorage).filter((name) => name.startsWith(start)).map((name) => Number(name.slice(start.length)));
    return Math.max(1, ...numbers.filter(Number.isInteger));
  } catch {
    return 1;
  }
}

/** The messages of an app's conversation, oldest first. */
export function messages(app) {
  const list = read(`chat:${app}`);
  return Array.isArray(list) ? list : [];
}

/** Keeps the latest messages. */
export function keepMessages(app, list) {
  write(`chat:${app}`, list.slice(-40));
}

/** Forgets the conversation. */
export function dropMessages(app) {
  try {
    localStorage.removeItem(key(`chat:${app}`));
  } catch {
    // Nothing could be kept, so there is nothing to forget.
  }
}

function read(name) {
  try {
    return JSON.parse(localStorage.getItem(key(name)) ?? "null");
  } catch {
    return null;
  }
}

function write(name, value) {
  try {
    localStorage.setItem(key(name), JSON.stringify(value));
  } catch {
    // Private mode or a full disk: the page goes on without.
  }
}

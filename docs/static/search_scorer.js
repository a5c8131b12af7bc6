// The search of the site, in place of that of Sphinx, which wants every word and counts none.
//
// What the catalog knows (KNOWN, which `python -m docs` writes above) comes first: a message by its name or
// address, an error as a server says it, with ids and numbers in it; and an option by its name, but for pages
// that are about such a word. Then pages, by how rare the words are that they have, and where they have them.

// Among pages that match alike, what people read comes before what they look up, and that before what is for
// those who change the package.
const WEIGHTS = { "how-to": 4, learn: 2, understand: 2.5, reference: 0, "carry-on": -6 };

const TITLE = 1; // where a word is: in the title of a page or its other words, in a heading, in the text
const HEADING = 0.65;
const TEXT = 0.35;
const PART = 0.5; // of a longer word
const WHOLE = 20; // a page with all words in its title
const ENOUGH = 0.5; // of what the best page has
const SHORT = 12; // characters of an error besides its values: one with fewer is in any text
const MOST = 30; // results: each is fetched to show a part of it
const LONG = 600; // words of a page from which on it counts for less that it has one, too

globalThis.Scorer = {
  score: ([page, , , , score]) => score + (WEIGHTS[page.split("/")[0]] ?? 0),
  objNameMatch: 11,
  objPartialMatch: 1,
  objPrio: { 0: 4, 1: 0, 2: -5 },
  objPrioDefault: 0,
  title: 15,
};

const stemmed = (text) => {
  const stemmer = new Stemmer();
  return splitQuery(text.toLowerCase()).map((word) => stemmer.stemWord(word));
};

const listed = (files) => (files === undefined ? [] : [files].flat());
const entry = (table, name) => (Object.hasOwn(table, name) ? listed(table[name]) : []); // none of "constructor"

// The files that have a word, and how much it counts in each.
const filesWith = (word, places) => {
  const found = new Map();
  const add = (files, weight) => {
    for (const file of listed(files)) found.set(file, Math.max(found.get(file) ?? 0, weight));
  };
  for (const [terms, weight] of places) {
    if (Object.hasOwn(terms, word)) add(terms[word], weight);
    else if (word.length > 3)
      for (const term of Object.keys(terms)) if (term.includes(word)) add(terms[term], weight * PART);
  }
  return found;
};

// Words -> files, as the index has it: of the titles of pages, and of their other words.
const titleWords = ({ docnames, titles }) => {
  const words = {};
  titles.forEach((title, file) => {
    const page = docnames[file];
    for (const word of stemmed(`${title} ${page.split("/").pop()} ${KNOWN.words[page] ?? ""}`)) {
      if (!Object.hasOwn(words, word)) words[word] = [];
      words[word].push(file);
    }
  });
  return words;
};

const lengths = ({ terms, docnames }) => {
  const counts = docnames.map(() => 0);
  for (const files of Object.values(terms)) for (const file of listed(files)) counts[file] += 1;
  return counts;
};

const result = (file, score, kind) => {
  const { docnames, titles, filenames } = Search._index;
  return [docnames[file], titles[file], "", null, score, filenames[file], kind];
};

Search.performTermsSearch = (words) => {
  const index = Search._index;
  const places = [
    [titleWords(index), TITLE],
    [index.titleterms, HEADING],
    [index.terms, TEXT],
  ];
  const scores = new Map();
  let all = 0;
  for (const word of words) {
    const files = filesWith(word, places);
    if (!files.size) continue; // an id, a number, a name of somebody
    const rare = Math.log(1 + index.docnames.length / files.size);
    all += rare;
    for (const [file, weight] of files) scores.set(file, (scores.get(file) ?? 0) + rare * weight);
  }
  const counts = lengths(index);
  for (const [file, score] of scores)
    scores.set(file, (WHOLE * score) / all / (1 + Math.max(0, Math.log(counts[file] / LONG)) / 2));
  const least = ENOUGH * Math.max(0, ...scores.values());
  return [...scores]
    .filter(([, score]) => score >= least)
    .map(([file, score]) => result(file, score, SearchResultKind.text));
};

// What matches an error with others in place of its `{names}` and numbers; nothing if it is mostly these.
const patternOf = (error) => {
  const pieces = error.split(/\{\w+\}|\d+/).map((piece) => piece.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"));
  return pieces.join("").length > SHORT ? new RegExp(pieces.join(".*?")) : undefined;
};

// What the catalog knows by this text: the page of a message and those with an error; those with an option.
const known = (query) => {
  const text = query.trim().toLowerCase();
  const name = text.replace(/^https?:\/\/[^/]+/, "");
  const said = text.replace(/['"]/g, "");
  const isPart = (error) => said.length > SHORT && error.includes(said);
  const errors = Object.keys(KNOWN.errors)
    .filter((error) => isPart(error) || patternOf(error)?.test(said))
    .sort((one, other) => isPart(other) - isPart(one) || other.length - one.length);
  const pages = [...entry(KNOWN.messages, name), ...errors.flatMap((error) => KNOWN.errors[error])];
  return [pages, entry(KNOWN.options, name)];
};

const usual = Search._performSearch;
Search._performSearch = (query, ...rest) => {
  const taken = new Set();
  const [pages, options] = known(query).map((places) =>
    places
      .map((place) => `reference/messages/${place}`)
      .filter((page) => !taken.has(page) && taken.add(page))
      .map((page) => result(Search._index.docnames.indexOf(page), 100, SearchResultKind.index))
      .reverse(),
  );
  const others = usual(query, ...rest).filter(([page, , anchor]) => anchor || !taken.has(page));
  const isAbout = ([, , , , score, , kind]) => kind === SearchResultKind.text && score >= WHOLE;
  const about = others.filter(isAbout);
  const fewer = others.filter((found) => !isAbout(found));
  return [...fewer, ...options, ...about, ...pages].slice(-MOST); // the last is shown first
};

/** Telling sentences of licence texts, and what the licences they belong to ask of whoever uses the code. */

const TELLING = [
  ["AGPL-3.0", /GNU AFFERO GENERAL PUBLIC LICENSE\s+Version 3/i],
  ["LGPL-3.0", /GNU LESSER GENERAL PUBLIC LICENSE\s+Version 3/i],
  ["LGPL-2.1", /GNU LESSER GENERAL PUBLIC LICENSE\s+Version 2\.1/i],
  ["GPL-3.0", /GNU GENERAL PUBLIC LICENSE\s+Version 3/i],
  ["GPL-2.0", /GNU GENERAL PUBLIC LICENSE\s+Version 2/i],
  ["Apache-2.0", /Apache License\s+Version 2\.0/i],
  ["MPL-2.0", /Mozilla Public License,?\s+(Version|v\.) 2\.0/i],
  ["EPL-2.0", /Eclipse Public License\s+-\s+v\s*2\.0/i],
  ["BUSL-1.1", /Business Source License 1\.1/i],
  ["Unlicense", /free and unencumbered software released into the public domain/i],
  ["CC0-1.0", /CC0 1\.0 Universal/i],
  [
    "BSD-3-Clause",
    /Redistribution and use in source and binary forms[^]*(neither the name|names? of)[^]*endorse or promote/i,
  ],
  ["BSD-2-Clause", /Redistribution and use in source and binary forms/i],
  ["MIT", /Permission is hereby granted, free of charge[^]*The above copyright notice and this permission notice/i],
  ["MIT-0", /Permission is hereby granted, free of charge/i],
  ["ISC", /Permission to use, copy, modify, and(\/or)? distribute[^]*copyright notice and this permission notice/i],
  ["0BSD", /Permission to use, copy, modify, and(\/or)? distribute/i],
];

/** SPDX id of a licence text, by its most telling sentence; `null` when none is known. */
export function recognise(text) {
  return TELLING.find(([, telling]) => telling.test(text))?.[0] ?? null;
}

/**
 * What the mildest choice that an SPDX expression leaves asks for: `none`, `weak` (of changed files or the
 * library itself), `strong` (of the whole work); `other` = not judged here.
 */
export function copyleft(expression) {
  const choices = expression.replace(/[()]/g, "").split(/\s+OR\s+/i);
  const order = ["none", "weak", "other", "strong"];
  return choices.map(strictestOf).sort((a, b) => order.indexOf(a) - order.indexOf(b))[0];
}

function strictestOf(choice) {
  const terms = choice.split(/\s+AND\s+/i).map((term) => term.trim());
  if (terms.some((term) => /^(A?GPL)/i.test(term) && !/WITH\s+\S*exception/i.test(term))) return "strong";
  if (terms.some((term) => /^(LGPL|MPL|EPL|CDDL|EUPL|A?GPL)/i.test(term))) return "weak";
  return terms.every((term) =>
    /^(MIT|ISC|Apache|BSD|0BSD|BlueOak|CC0|CC-BY-[34]|Unlicense|WTFPL|Zlib|Python|PSF|X11)/i.test(term),
  )
    ? "none"
    : "other";
}

/** The lines of one bench as text. A quick run judges nothing. */
export function tableOf({ title, reference, rows }, { quick }) {
  const lines = rows.map((row) => [
    row.what,
    `${shortly(row.figure)} ${row.unit}`,
    row.ratio.toFixed(2),
    `${row.min.toFixed(2)}–${row.max.toFixed(2)}`,
    row.target && !quick ? `${row.target} ${row.isMissed ? 'MISSED' : 'met'}` : row.target,
    row.note ?? '',
  ])
  const head = ['', 'median', 'ratio', 'min–max', 'target', '']
  const widths = head.map((_, column) => Math.max(...[head, ...lines].map((cells) => cells[column].length)))
  const told = [head, ...lines].map((cells) =>
    `  ${cells.map((cell, i) => pad(cell, widths[i], i)).join('  ')}`.trimEnd(),
  )
  return [title, `  Ratio to: ${reference}.`, ...told].join('\n')
}

/** Words to the left, figures to the right. */
function pad(cell, width, column) {
  return column === 0 || column >= 4 ? cell.padEnd(width) : cell.padStart(width)
}

/** Three digits are more than such a figure is worth. */
function shortly(figure) {
  return Number(figure.toPrecision(3)).toLocaleString('en')
}

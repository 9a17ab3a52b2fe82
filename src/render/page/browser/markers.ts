/** Draws the marker of a style at a point: a disc, a triangle, a cross, a square, a diamond. */
export function marker(path: Path2D, style: number, x: number, y: number, radius: number): void {
  const r = radius;
  switch (style % 5) {
    case 0:
      path.moveTo(x + r, y);
      path.arc(x, y, r, 0, 2 * Math.PI);
      break;
    case 1:
      path.moveTo(x, y - 1.2 * r);
      path.lineTo(x + 1.1 * r, y + 0.8 * r);
      path.lineTo(x - 1.1 * r, y + 0.8 * r);
      path.closePath();
      break;
    case 2:
      path.moveTo(x - r, y - r);
      path.lineTo(x + r, y + r);
      path.moveTo(x + r, y - r);
      path.lineTo(x - r, y + r);
      break;
    case 3:
      path.rect(x - 0.9 * r, y - 0.9 * r, 1.8 * r, 1.8 * r);
      break;
    default:
      path.moveTo(x, y - 1.3 * r);
      path.lineTo(x + 1.3 * r, y);
      path.lineTo(x, y + 1.3 * r);
      path.lineTo(x - 1.3 * r, y);
      path.closePath();
  }
}

/** Returns true if the marker of a style is drawn as lines only. */
export const isOpenMarker = (style: number): boolean => style % 5 === 2;

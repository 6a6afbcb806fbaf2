/** Our own line icons: path data on a 24 x 24 grid. Not a font, nothing is fetched. */

export const ICONS = {
  up: "M6 14l6-6 6 6",
  down: "M6 10l6 6 6-6",
  trash: "M5 7h14M10 7V4.5h4V7M7 7l.8 12.5h8.4L17 7M10.2 10.5v5.5M13.8 10.5v5.5",
  plus: "M12 5.5v13M5.5 12h13",
  lock: "M6.5 11h11v8.5h-11zM8.8 11V8.2a3.2 3.2 0 016.4 0V11",
  undo: "M9.5 6L5.5 10l4 4M6 10h7.5a4.75 4.75 0 010 9.5H10",
  redo: "M14.5 6l4 4-4 4M18 10h-7.5a4.75 4.75 0 000 9.5H14",
  film: "M4.5 5.5h15v13h-15zM4.5 9.8h15M4.5 14.2h15M8.5 5.5v13M15.5 5.5v13",
  picture: "M4.5 5.5h15v13h-15zM4.5 15.5l4.5-4.5 4 4 2.5-2.5 4 4M14.5 9.2v.1",
  sound: "M4.5 10.5v3M8.2 7.5v9M12 5v14M15.8 8.5v7M19.5 10.5v3",
  text: "M7 4.5h7l3.5 3.5v11.5H7zM14 4.5V8h3.5M9.8 12h5M9.8 15h5",
} as const;

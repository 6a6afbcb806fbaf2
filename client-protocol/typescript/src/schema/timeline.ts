/** What a timeline holds, as plain values. Generated from client-protocol/schema/ by `python -P -m deploy.local.schema`; change that, not this. */

/** A place in an order: a fractional key of base-62 digits. Ties are broken by id. */
export type TimelineOrder = string | null;

/** Deleted, and can be restored: by whom and when. Null or absent: alive. */
export type TimelineDeletion = {
  /** The id of who deleted it. */
  readonly by?: string;
  /** When: ms since 1970, or an instant as in ISO 8601. */
  readonly at?: number | string | null;
} | null;

/** A track. */
export interface TimelineTrack {
  /** What is on it. */
  readonly k?: "video" | "audio" | "title" | "guide" | null;
  /** Whether clips follow one another (mag) or stand where they say. */
  readonly mode?: "mag" | "free" | null;
  /** Its place among its siblings. */
  readonly ord?: TimelineOrder;
  /** Its name. */
  readonly name?: string | null;
  /** Whether it is seen or heard. */
  readonly on?: boolean | null;
  /** Whether it is protected. */
  readonly lock?: boolean | null;
  /** Silent. */
  readonly mute?: boolean | null;
  /** Alone heard. */
  readonly solo?: boolean | null;
  /** Language, as in BCP 47. */
  readonly lang?: string | null;
  /** Colour's name. */
  readonly col?: string | null;
  /** Set when it is deleted. */
  readonly del?: TimelineDeletion;
}

/** A clip. A piece that was split off takes what it has not itself from the clip `of`. */
export interface TimelineClip {
  /** Its track. */
  readonly t?: string | null;
  /** Its place on the main track. */
  readonly ord?: TimelineOrder;
  /** Where on other tracks its local frame 0 stands, in frames. */
  readonly z?: number | null;
  /** First local frame that is seen, in frames. */
  readonly in?: number | null;
  /** The frame behind the last that is seen, in frames. */
  readonly out?: number | null;
  /** The local frame at which a piece begins to be this piece, in frames. */
  readonly cut?: number | null;
  /** The clip that it was split from. */
  readonly of?: string | null;
  /** The first of its family. */
  readonly root?: string | null;
  /** Media frame minus local frame, in frames. */
  readonly slip?: number | null;
  /** Start within the frame, of sound, in 1/48000 s. */
  readonly sub?: number | null;
  /** It goes where another clip goes. */
  readonly anc?: {
    /** That clip, on the main track. */
    readonly c?: string | null;
    /** Where local frame 0 of that clip was when it was anchored, in frames. */
    readonly h?: number | null;
  } | null;
  /** The scene that it shows. */
  readonly scn?: string | null;
  /** The shot that it shows. */
  readonly sht?: string | null;
  /** Its media. */
  readonly src?: {
    /** Of what kind. */
    readonly k?: "scene" | "asset" | "gap" | "gen" | null;
    /** latest, approved, or pin: and a take's id. */
    readonly take?: string | null;
    /** Which asset. */
    readonly id?: string | null;
    /** What is made. */
    readonly kind?: string | null;
    /** How it is made: any JSON. */
    readonly params?: unknown;
  } | null;
  /** Speed as a fraction; [2, 1] is twice as fast. */
  readonly spd?: readonly [number, number] | null;
  /** How it goes over into the next clip. */
  readonly xo?: {
    /** How. */
    readonly k?: "dissolve" | "wipe" | "dip" | "fade" | null;
    /** Length, in frames. */
    readonly d?: number | null;
    /** How much of it is before the cut, in frames. */
    readonly a?: number | null;
  } | null;
  /** Picture and sound with one name belong together. */
  readonly lnk?: string | null;
  /** Its group. */
  readonly grp?: string | null;
  /** Level, in mB. */
  readonly lvl?: number | null;
  /** Between left and right, in percent. */
  readonly pan?: number | null;
  /** ASC CDL: slope, offset and power of three colours, saturation, in 1/1000000. */
  readonly cdl?: readonly (number)[] | null;
  /** Effects, in order. */
  readonly fx?: readonly (unknown)[] | null;
  /** Whether it is seen or heard. */
  readonly on?: boolean | null;
  /** Whether it is protected. */
  readonly lock?: boolean | null;
  /** Its colour. */
  readonly lab?: string | null;
  /** A remark. */
  readonly note?: string | null;
  /** Set when it is deleted. */
  readonly del?: TimelineDeletion;
}

/** A marker. */
export interface TimelineMarker {
  /** On the timeline or on a clip. */
  readonly on?: "tl" | "clip" | null;
  /** The clip. */
  readonly c?: string | null;
  /** At which frame, in frames. */
  readonly f?: number | null;
  /** Length, in frames. */
  readonly d?: number | null;
  /** Colour's name. */
  readonly col?: string | null;
  /** What is read. */
  readonly name?: string | null;
  /** What more is to be said. */
  readonly txt?: string | null;
  /** Of what kind. */
  readonly k?: "note" | "chapter" | "beat" | "todo" | "cue" | null;
  /** Set when it is deleted. */
  readonly del?: TimelineDeletion;
}

/** A group. */
export interface TimelineGroup {
  /** Its name. */
  readonly name?: string | null;
  /** Colour's name. */
  readonly col?: string | null;
  /** Whether it is seen or heard. */
  readonly on?: boolean | null;
  /** Whether it is protected. */
  readonly lock?: boolean | null;
  /** Set when it is deleted. */
  readonly del?: TimelineDeletion;
}

/** A named revision. */
export interface TimelineCut {
  /** Its name. */
  readonly title?: string | null;
  /** Who named it. */
  readonly by?: string | null;
  /** When, in ms since 1970. */
  readonly at?: number | null;
  /** The snapshot. */
  readonly snap?: string | null;
  /** SHA-256 of its content. */
  readonly hash?: string | null;
}

/** The document `tl:{id}`: one cut. Numbers are frames at its rate; what follows from them is in docs/timeline.md. */
export interface Timeline {
  /** The timeline itself. */
  readonly meta?: {
    /** Version of this schema. */
    readonly v?: number | null;
    /** Frames a second as a fraction: 24000/1001 is [24000, 1001]. To change it is a job. */
    readonly rate?: readonly [number, number] | null;
    /** Timecode of the first frame, in frames. */
    readonly tc0?: number | null;
    /** Whether timecode drops frames. */
    readonly df?: boolean | null;
    /** Width, in pixels. */
    readonly w?: number | null;
    /** Height, in pixels. */
    readonly h?: number | null;
    /** Shape of a pixel. */
    readonly par?: readonly [number, number] | null;
    /** Its name. */
    readonly title?: string | null;
    /** Episode. */
    readonly ep?: string | null;
    /** Working colour space. */
    readonly cs?: string | null;
    /** The last named cut. */
    readonly snap?: number | null;
  };
  /** Rows of clips. `trk_main` is always there. */
  readonly tracks?: Readonly<Record<string, TimelineTrack>>;
  /** What is seen and heard. */
  readonly clips?: Readonly<Record<string, TimelineClip>>;
  /** Remarks at a frame. */
  readonly markers?: Readonly<Record<string, TimelineMarker>>;
  /** Clips that belong together. */
  readonly groups?: Readonly<Record<string, TimelineGroup>>;
  /** Named revisions. */
  readonly cuts?: Readonly<Record<string, TimelineCut>>;
  /** Free for integrations: JSON values, of which nothing is said. */
  readonly ext?: Readonly<Record<string, unknown>>;
}

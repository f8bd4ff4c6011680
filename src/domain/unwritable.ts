import { type SafeText, text } from "./text.ts";

/**
 * What to do about a folder that cannot be written, or one file in it, by why that is so: the words of strerror(3), which
 * LC_ALL=C keeps English. Undefined where those tell nothing.
 */
export function wayToWrite(why: SafeText, folder: SafeText, file?: SafeText): SafeText | undefined {
  if (/read-only file system/i.test(why)) {
    return text`the file system of ${folder} is mounted read-only: "findmnt -T ${folder}" shows which, "dmesg | tail" whether the disk failed`;
  }
  if (/no space left|quota/i.test(why)) return text`make room there: "df -h ${folder}" and "df -i ${folder}"`;
  if (/not permitted/i.test(why)) {
    const places = file === undefined ? folder : text`${folder} ${file}`;
    return text`"lsattr -d ${places}" shows whether it is marked immutable (chattr -i)`;
  }
  return undefined;
}

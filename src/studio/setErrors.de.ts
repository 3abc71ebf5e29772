/** Errors of lists and of sets of photos, in German; by their English templates. */

export const setErrors: Readonly<Record<string, string>> = {
  '{0} has {1}, which the studio would not keep to.': '{0} hat {1}, und daran hielte sich das Studio nicht.',
  groups: 'Gruppen',
  'its own split': 'eine eigene Teilung',
  'Train on it with the command, which keeps to it, or take that column out.':
    'Trainiere damit im Terminal, das sich daran hält, oder nimm die Spalte heraus.',
  '{0} names {1}, which does not lie beside it.': '{0} nennt {1}, und das liegt nicht daneben.',
  'Lay the photos into the folder of the list, and give their paths in it.':
    'Lege die Fotos in den Ordner der Liste, und nenne ihre Pfade darin.',
  "{0} has the label '{1}'.": '{0} hat das Label „{1}“.',
  'Give it a name without |, which parts labels.': 'Gib ihm einen Namen ohne |, das Labels trennt.',
  '{0} is a file, and the studio works on a folder.': '{0} ist eine Datei, das Studio arbeitet mit einem Ordner.',
  'Give the folder of the photos. A list of labels is read where it is called {0} and lies in that folder; drop a zip on the page.':
    'Gib den Ordner der Fotos an. Eine Liste von Labels wird gelesen, wenn sie {0} heißt und in diesem Ordner liegt; ein Zip ziehst du auf die Seite.',
  '{0} has its own split ({1}), which the studio would take for classes.':
    '{0} hat eine eigene Teilung ({1}), und die hielte das Studio für Klassen.',
  'Open one part of it: carafe studio {0}': 'Öffne einen Teil davon: carafe studio {0}',
  'its columns are {0}': 'die Spalten sind {0}',
  '{0} has no column for the path; {1}.': '{0} hat keine Spalte für den Pfad; {1}.',
  'The first line must name the columns, for example path,label.':
    'Die erste Zeile muss die Spalten nennen, etwa path,label.',
  'Name the path column with `pathColumn` and the label column with `labelColumn`.':
    'Nenne die Spalten path und label.',
  '{0} has neither a column label nor labels; {1}.': '{0} hat keine Spalte label oder labels; {1}.',
  'Add a column label.': 'Füge eine Spalte label hinzu.',
  'Name the label column with `labelColumn`.': 'Nenne die Spalte label.',
  '{0} is an export of the VGG Image Annotator, which stores labels inside other cells.':
    '{0} ist ein Export des VGG Image Annotator, der Labels in anderen Feldern ablegt.',
  'Make a list with the columns path and label: one row per photo, with its label from file_attributes. The regions in region_attributes are parts of photos: crop each into a photo of its own.':
    'Mach eine Liste mit den Spalten path und label: eine Zeile je Foto, mit dem Label aus file_attributes. Die Bereiche in region_attributes sind Teile von Fotos: Schneide jeden als eigenes Foto aus.',
  '{0} is not JSON: {1}.': '{0} ist kein JSON: {1}.',
  'A JSON list must be an array of objects such as {"path": "a.jpg", "label": "cat"}, an export of Label Studio, or a COCO file.':
    'Eine Liste in JSON ist ein Array von Objekten wie {"path": "a.jpg", "label": "cat"}, ein Export von Label Studio oder eine COCO-Datei.',
  '{0} is neither a list of photos, nor an export of Label Studio, nor a COCO file.':
    '{0} ist weder eine Liste von Fotos noch ein Export von Label Studio noch eine COCO-Datei.',
  'Give an array of objects such as {"path": "a.jpg", "label": "cat"}.':
    'Nimm ein Array von Objekten wie {"path": "a.jpg", "label": "cat"}.',
  '{0} is a COCO file of boxes, not of labels for whole photos.':
    '{0} ist eine COCO-Datei mit Rahmen, nicht mit Labels für ganze Fotos.',
  'Carafe classifies whole photos. Crop each object into a photo of its own, one folder per class, or give each photo a label.':
    'Carafe teilt ganze Fotos ein. Schneide jeden Gegenstand als eigenes Foto aus, ein Ordner je Klasse, oder gib jedem Foto ein Label.',
  '{0} gives a photo the category {1}, but does not define that category.':
    '{0} gibt einem Foto die Kategorie {1}, die es nicht erklärt.',
  'Export it again, with all categories.': 'Exportiere noch einmal, mit allen Kategorien.',
  '{0} is an export of Label Studio with regions ({1}), not with choices for whole photos.':
    '{0} ist ein Export von Label Studio mit Bereichen ({1}), nicht mit einer Auswahl für ganze Fotos.',
  '{0}, line {1}: {2} is already listed in line {3}': '{0}, Zeile {1}: {2} steht schon in Zeile {3}',
  'List each photo once; if it has several classes, put them all in the column labels, joined by |.':
    'Nenne jedes Foto einmal; hat es mehrere Klassen, schreib sie alle in die Spalte labels, mit | dazwischen.',
  '{0}: {1} is {2}, which is not text': '{0}: {1} ist {2}, und das ist kein Text',
  '{0}: the path is missing': '{0}: Der Pfad fehlt',
  '{0}: the label of {1} is missing': '{0}: Das Label von {1} fehlt',
  '{0}: {1} is {2}': '{0}: {1} ist {2}',
  'A split is train, val, test or empty; `ignoreSplit` ignores the column.':
    'Eine Teilung ist train, val, test oder leer.',
  '{0} is not well-formed CSV: {1}': '{0} ist kein gültiges CSV: {1}',
  '{0}, line {1}': '{0}, Zeile {1}',
  'A list needs the columns path and label (or labels, several joined by |); the columns group and split (train, val, test) are optional.':
    'Eine Liste braucht die Spalten path und label (oder labels, mehrere mit | dazwischen).',
  '{0} is not JSON: {1}': '{0} ist kein JSON: {1}',
  '{0} is not a JSON object': '{0} ist kein JSON-Objekt',
  'Each line must be an object such as {"path": "a.jpg", "label": "cat"}.':
    'Jede Zeile ist ein Objekt wie {"path": "a.jpg", "label": "cat"}.',
  '{0}, line {1} contains the character that stands for lost letters (U+FFFD).':
    '{0}, Zeile {1} enthält das Zeichen, das für verlorene Buchstaben steht (U+FFFD).',
  '{0}, line {1} contains zero bytes: it is not text in {2}.':
    '{0}, Zeile {1} enthält Nullbytes: Das ist kein Text in {2}.',
  'Save the list again from the program it was made with, as "CSV UTF-8".':
    'Speichere die Liste in ihrem Programm noch einmal, als „CSV UTF-8“.',
  '{0}, line {1} has letters that are not valid {2}.': '{0}, Zeile {1} hat Buchstaben, die in {2} ungültig sind.',
  'Save the list as "CSV UTF-8".{0}': 'Speichere die Liste als „CSV UTF-8“.',
  '{0} has no labels.': '{0} hat keine Labels.',
  'Label the photos that show something.': 'Gib den Fotos, die etwas zeigen, ein Label.',
  'Give each photo a label, with at least two classes.': 'Gib jedem Foto ein Label, bei mindestens zwei Klassen.',
  "'{0}' is on one photo only": '„{0}“ ist nur auf einem Foto',
  "'{0}' is on every photo": '„{0}“ ist auf jedem Foto',
  "'{0}' is on every photo but one": '„{0}“ ist auf jedem Foto außer einem',
  '{0}: {1}. Learning a label takes at least two photos with it and two without.':
    '{0}: {1}. Um ein Label zu lernen, braucht es mindestens zwei Fotos mit ihm und zwei ohne es.',
  'Add photos, or leave labels out: `minPhotos: 2` drops those on a single photo.':
    'Füge Fotos hinzu, oder lass Labels aus.',
  '{0} labels': '{0} Labels',
  '{0} gives {1} {2}; here each photo must have exactly one.':
    '{0} gibt {1}: {2}; hier muss jedes Foto genau eines haben.',
  'Keep one label per photo, or make each combination a class of its own.':
    'Behalte ein Label je Foto, oder mach aus jeder Verbindung eine eigene Klasse.',
  "{0} has only one class, '{1}' ({2} photos), so there is nothing to distinguish.":
    '{0} hat nur eine Klasse, „{1}“ ({2} Fotos); es gibt also nichts zu unterscheiden.',
  'Add a folder (or, in a list, rows) with photos of another class; or use `trainOneClass` to learn from photos of one class alone.':
    'Füge Fotos einer anderen Klasse hinzu.',
  "'{0}' has one photo": '„{0}“ hat ein Foto',
  "'{0}' has no photo": '„{0}“ hat kein Foto',
  "the {0} photos of '{1}' form one group (equal, nearly equal, or put together by you)":
    'die {0} Fotos von „{1}“ sind eine einzige Gruppe (gleich oder fast gleich)',
  'A class needs at least two separate photos, one to learn from and one to test on, but {0}.':
    'Eine Klasse braucht mindestens zwei verschiedene Fotos, eines zum Lernen und eines zum Prüfen, aber {0}.',
  'Add different photos of {0}. `minPhotos: 2` leaves out classes with fewer separate photos.':
    'Füge andere Fotos von {0} hinzu, oder lass die Klasse aus.',
  it: 'ihr',
  each: 'jeder',
  "'{0}' has only {1} readable normal photos; at least {2} are needed to learn what is normal.{3}":
    '„{0}“ hat nur {1} lesbare normale Fotos; es braucht mindestens {2}, um zu lernen, was normal ist.{3}',
  ' {0} could not be used; {1}: {2}.': ' {0} waren unbrauchbar; {1}: {2}.',
  'Add normal photos: 100 allow a false-positive rate of 1%. Or train anyway with `force`, and do not rely on the threshold.':
    'Füge normale Fotos hinzu; mit 100 ist ein Anteil falscher Alarme von 1 % möglich.',
  'The only photo cannot be used: {0}': 'Das einzige Foto ist unbrauchbar: {0}',
  'None of the {0} photos can be used: {1}': 'Keines der {0} Fotos ist brauchbar: {1}',
  '{0} ({1} and {2} more)': '{0} ({1} und {2} weitere)',
  "Check the paths: those in a list are relative to the list's own folder. The first photo was expected at {0}.":
    'Sieh nach den Pfaden: In einer Liste gelten sie ab ihrem eigenen Ordner. Das erste Foto sollte hier sein: {0}.',
  'Check that the folder or list contains photos that open in an image viewer.':
    'Sieh nach, ob sich die Fotos in einem Bildbetrachter öffnen lassen.',
  '{0} could be read a moment ago and cannot be read now: {1}.':
    '{0} ließ sich eben noch lesen und jetzt nicht mehr: {1}.',
  'Some photos changed while they were read.': 'Manche Fotos haben sich geändert, während sie gelesen wurden.',
  'Let nothing change the photos while Carafe reads them, and start it again.':
    'Lass nichts die Fotos ändern, während Carafe sie liest, und beginne noch einmal.',
};

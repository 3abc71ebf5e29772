/** Errors of files that the studio opens or makes (networks, classifiers, exports), in German; by their English templates. */

export const fileErrors: Readonly<Record<string, string>> = {
  'None of these files is a network.': 'Keine dieser Dateien ist ein Netz.',
  'Choose a file that ends in .onnx.': 'Wähle eine Datei, die auf .onnx endet.',
  '{0} does not say how photos become its input.': '{0} sagt nicht, wie Fotos zu seiner Eingabe werden.',
  'Choose its preprocessor_config.json together with it.': 'Wähle seine preprocessor_config.json mit dazu.',
  '{0} is no JSON.': '{0} ist kein JSON.',
  'Choose the preprocessor_config.json.': 'Wähle die preprocessor_config.json.',
  "{0} does not say how photos become the network's input: {1}.":
    '{0} sagt nicht, wie Fotos zur Eingabe des Netzes werden: {1}.',
  '{0} is missing or not understood': '{0} fehlt oder wird nicht verstanden',
  'it is not a JSON object': 'es ist kein JSON-Objekt',
  'do_resize is false, but all photos must get the same size':
    'do_resize ist false, aber alle Fotos müssen gleich groß werden',
  'do_pad is true, which Carafe does not support': 'do_pad ist true, und das kann Carafe nicht',
  'image_mean or image_std is missing': 'image_mean oder image_std fehlt',
  'do_center_crop is true, but crop_size is missing': 'do_center_crop ist true, aber crop_size fehlt',
  'input_size is not square, which only crop_mode squash allows':
    'input_size ist nicht quadratisch, und das erlaubt nur crop_mode squash',
  'crop_mode is {0}; Carafe supports center and squash': 'crop_mode ist {0}; Carafe kann center und squash',
  '{0} is {1}; Carafe supports nearest, bilinear, bicubic and lanczos':
    '{0} ist {1}; Carafe kann nearest, bilinear, bicubic und lanczos',
  'Use the preprocessor_config.json (Hugging Face) or config.json (timm) that belongs to the network.':
    'Nimm die preprocessor_config.json (Hugging Face) oder config.json (timm), die zum Netz gehört.',
  '{0} cannot be read as an ONNX network: {1}.': '{0} lässt sich nicht als ONNX-Netz lesen: {1}.',
  'Check that it is an .onnx file and was copied or downloaded completely.':
    'Sieh nach, ob es eine .onnx-Datei ist und ganz kopiert oder geladen wurde.',
  'it is empty': 'sie ist leer',
  'it ends too early': 'sie endet zu früh',
  'its bytes are damaged ({0})': 'ihre Bytes sind beschädigt ({0})',
  'Copy or download it again.': 'Kopiere oder lade sie noch einmal.',
  'it is a Git LFS pointer, not the file itself': 'sie ist ein Verweis von Git LFS, nicht die Datei selbst',
  'Fetch the file with `git lfs pull`.': 'Hole die Datei mit `git lfs pull`.',
  'it is a web page': 'sie ist eine Webseite',
  'Download the file itself, not the page that shows it.': 'Lade die Datei selbst, nicht die Seite, die sie zeigt.',
  'it is JSON': 'sie ist JSON',
  'Give the .onnx file.': 'Nimm die .onnx-Datei.',
  'it is an archive, such as PyTorch and Keras write': 'sie ist ein Archiv, wie PyTorch und Keras es schreiben',
  'Export the network first: torch.onnx.export or tf2onnx.':
    'Exportiere das Netz zuerst: torch.onnx.export oder tf2onnx.',
  'it is an HDF5 file, such as Keras writes': 'sie ist eine HDF5-Datei, wie Keras sie schreibt',
  'Convert it first: tf2onnx.': 'Wandle sie zuerst um: tf2onnx.',
  'it is a TensorFlow Lite network': 'sie ist ein Netz von TensorFlow Lite',
  'Convert it first: tf2onnx --tflite.': 'Wandle sie zuerst um: tf2onnx --tflite.',
  'it is an image': 'sie ist ein Bild',
  "ONNX Runtime cannot use the device '{0}' here: {1}": 'ONNX Runtime kann das Gerät „{0}“ hier nicht benutzen: {1}',
  "Use `device: 'cpu'`, or install the driver and the runtime that this device needs.":
    "Nimm `device: 'cpu'`, oder installiere, was dieses Gerät braucht.",
  'ONNX Runtime cannot be started: {0}': 'ONNX Runtime lässt sich nicht starten: {0}',
  "Serve its file ort-wasm-simd-threaded.wasm next to your script, or set its address: env.wasm.wasmPaths = { wasm: ADDRESS }, with env from 'onnxruntime-web/wasm'.":
    'Lege ort-wasm-simd-threaded.wasm neben die Seite.',
  'ONNX Runtime cannot open the network: {0}': 'ONNX Runtime kann das Netz nicht öffnen: {0}',
  'Check that the file is a complete ONNX network for ONNX Runtime 1.30 or older.':
    'Sieh nach, ob die Datei ein ganzes ONNX-Netz für ONNX Runtime 1.30 oder älter ist.',
  'ONNX Runtime opens the network but cannot run it: {0}':
    'ONNX Runtime öffnet das Netz, kann es aber nicht laufen lassen: {0}',
  'Check that the network runs at the size of its preprocessing, or export it again.':
    'Sieh nach, ob das Netz in der Größe seiner Vorverarbeitung läuft, oder exportiere es noch einmal.',
  '{0} keeps its weights in another file, which a page cannot follow.':
    '{0} hat seine Gewichte in einer anderen Datei, und der kann eine Seite nicht folgen.',
  'Save the network as one file.': 'Speichere das Netz als eine Datei.',
  'not numbers': 'keine Zahlen',
  none: 'keine',
  "{0}: the features at '{1}' are {2}: the network computes in integers (QLinearConv, QLinearMatMul).":
    '{0}: Die Merkmale bei „{1}“ sind {2}: Das Netz rechnet in ganzen Zahlen (QLinearConv, QLinearMatMul).',
  "Use the float network, or one quantised with QuantizeLinear and DequantizeLinear (QDQ); or name a float tensor with `cut: 'TENSOR'`.":
    'Nimm das Netz in float, oder eines mit QuantizeLinear und DequantizeLinear (QDQ).',
  "Cuts found: {0}. Choose one with `cut: 'last'`, `cut: 'pool'` or `cut: 'TENSOR'`.":
    'Gefundene Schnitte: {0}. Im Terminal lässt sich einer wählen.',
  "{0} has no tensor '{1}' that depends on the image alone.": '{0} hat keinen Tensor „{1}“, der nur vom Bild abhängt.',
  'Name a tensor listed by carafe inspect, or one of the outputs: {0}.':
    'Nenne einen Tensor, den carafe inspect zeigt, oder eine der Ausgaben: {0}.',
  '{0}: no output depends on the image alone; the outputs are: {1}.':
    '{0}: Keine Ausgabe hängt nur vom Bild ab; die Ausgaben sind: {1}.',
  'Use a network that takes one image and nothing else.': 'Nimm ein Netz, das ein Bild nimmt und sonst nichts.',
  'it detects objects; ': 'Es findet Gegenstände; ',
  "{0}: {1}the output '{2}' [{3}] is not one vector of a fixed length for each photo.":
    '{0}: {1}die Ausgabe „{2}“ [{3}] ist kein Vektor fester Länge je Foto.',
  "Use a network that classifies images, or name the tensor that holds its features with `cut: 'TENSOR'`.":
    'Nimm ein Netz, das Bilder in Klassen einteilt.',
  "the cut '{0}' at '{1}' is unusable: {2}.": 'Der Schnitt „{0}“ bei „{1}“ taugt nicht: {2}.',
  "there is no cut '{0}'.": 'Einen Schnitt „{0}“ gibt es nicht.',
  '{0} has a {1} on the way to its features, which may never end.':
    '{0} hat auf dem Weg zu seinen Merkmalen ein {1}, das vielleicht nie endet.',
  "Export the network without loops, or name a tensor before it with `cut: 'TENSOR'`.":
    'Exportiere das Netz ohne Schleifen.',
  '{0} cannot be cut: {1}.': '{0} lässt sich nicht schneiden: {1}.',
  'Export the network again, with operator set 17.': 'Exportiere das Netz noch einmal, mit Operator-Satz 17.',
  'no input takes photos; the inputs are: {0}.': 'Keine Eingabe nimmt Fotos; die Eingaben sind: {0}.',
  'Use a network with one input of the form [N, 3, H, W] or [N, H, W, 3]. Networks for text or audio do not work.':
    'Nimm ein Netz mit einer Eingabe der Form [N, 3, H, W] oder [N, H, W, 3]. Netze für Text oder Ton gehen nicht.',
  'several inputs could take the photo: {0}.': 'Mehrere Eingaben könnten das Foto nehmen: {0}.',
  'Use a network with one image input.': 'Nimm ein Netz mit einer Eingabe für Bilder.',
  'the input {0} takes exactly {1} photos.': 'Die Eingabe {0} nimmt genau {1} Fotos.',
  'Export the network with a free batch, or a batch of 1.':
    'Exportiere das Netz für beliebig viele Fotos oder für eines.',
  'the input {0} is larger than {1} pixels along an edge.': 'Die Eingabe {0} hat an einer Kante mehr als {1} Pixel.',
  'Use a network for smaller photos.': 'Nimm ein Netz für kleinere Fotos.',
  'the input {0} does not take three colour channels.': 'Die Eingabe {0} nimmt keine drei Farbkanäle.',
  'Carafe feeds it red, green and blue. Use a network for colour photos.':
    'Carafe gibt ihr Rot, Grün und Blau. Nimm ein Netz für farbige Fotos.',
  '{0} takes photos of {1}x{2} pixels, but its preprocessing crops to {3}x{4}.':
    '{0} nimmt Fotos von {1}x{2} Pixeln, aber seine Vorverarbeitung schneidet auf {3}x{4} zu.',
  'Set "crop_size" in the preprocessing to {"height": {0}, "width": {1}}.':
    'Setze "crop_size" der Vorverarbeitung auf {"height": {0}, "width": {1}}.',
  '{0} is an ONNX network, but not a classifier made by Carafe.':
    '{0} ist ein ONNX-Netz, aber kein Klassifikator von Carafe.',
  'Give the classifier.onnx that `carafe train` wrote. To train on a network, give it as `backbone`.':
    'Nimm die classifier.onnx, die Carafe geschrieben hat.',
  'Choose a classifier.onnx that Carafe wrote.': 'Nimm eine classifier.onnx, die Carafe geschrieben hat.',
  'The card inside {0} is broken: {1}': 'Die Angaben in {0} sind beschädigt: {1}',
  'The file was changed or made by a newer Carafe. Update Carafe, or train it again.':
    'Die Datei wurde geändert oder stammt von einem neueren Carafe. Nimm das neue Carafe, oder trainiere noch einmal.',
  '{0} cannot be used: {1}': '{0} lässt sich nicht verwenden: {1}',
  '{0} has the metadata of a classifier, but {1}.': '{0} hat die Angaben eines Klassifikators, aber: {1}.',
  'The metadata of {0} names {1} classes, but its network has {2}.':
    'Die Angaben in {0} nennen {1} Klassen, aber das Netz hat {2}.',
  'The file was damaged or changed after it was made. Copy it again, or train it again.':
    'Die Datei wurde nach ihrer Herstellung beschädigt oder geändert. Kopiere sie noch einmal, oder trainiere noch einmal.',
  '{0} has no classes: it was trained with `trainOneClass` and only separates normal photos from others.':
    '{0} hat keine Klassen: Er wurde mit normalen Fotos allein trainiert und trennt sie nur von anderen.',
  'Give a classifier trained on a folder with one sub-folder per class.':
    'Nimm einen Klassifikator, der mit mehreren Klassen trainiert wurde.',
  'gives each photo one class, but these photos have several labels, or none':
    'gibt jedem Foto eine Klasse, aber diese Fotos haben mehrere Labels oder keines',
  'was trained on photos with several labels, and gives each photo any number of them':
    'wurde mit Fotos mehrerer Labels trainiert und gibt jedem Foto beliebig viele',
  'Give a classifier trained on photos with one class each.':
    'Nimm einen Klassifikator, der mit Fotos je einer Klasse trainiert wurde.',
  'Give a classifier trained on photos with several labels.':
    'Nimm einen Klassifikator, der mit Fotos mehrerer Labels trainiert wurde.',
  'The finished file does not give the same results as the measured classifier ({0}).':
    'Die fertige Datei gibt nicht dieselben Antworten wie der gemessene Klassifikator ({0}).',
  'Nothing was written. Either Carafe has a bug or it cuts this backbone wrongly: try `cut`, and report it.':
    'Nichts wurde geschrieben. Entweder hat Carafe einen Fehler, oder es schneidet dieses Netz falsch: Melde es bitte.',
  '{0} cannot be exported so: {1}.': '{0} lässt sich so nicht exportieren: {1}.',
  'it looks at each photo {0} times': 'er sieht jedes Foto {0}-mal an',
  'it looks at each photo in {0} ways, and some need the whole photo':
    'er sieht jedes Foto auf {0} Weisen an, und manche brauchen das ganze Foto',
  'its network uses operators that OpenCV does not read ({0})':
    'sein Netz benutzt Operatoren, die OpenCV nicht liest ({0})',
  'its head uses operators that OpenCV does not read ({0})':
    'sein Kopf benutzt Operatoren, die OpenCV nicht liest ({0})',
  'It cannot be found where the pixels enter the network inside {0}.':
    'Es lässt sich nicht finden, wo in {0} die Pixel ins Netz kommen.',
  'Train it again with this Carafe.': 'Trainiere ihn mit diesem Carafe noch einmal.',
  'The file is no smaller with {0} weights: those of this classifier are stored as {1} already.':
    'Mit Gewichten in {0} ist die Datei nicht kleiner: Die dieses Klassifikators sind schon {1}.',
  'There is no program for OpenCV: {0}': 'Ein Programm für OpenCV gibt es nicht: {0}',
  "The export '{0}'": 'Der Export „{0}“',
  "The export '{0}' with {1} weights": 'Der Export „{0}“ mit Gewichten in {1}',
  '{0} of {1} does not pass its self-test: its features are up to {2} off, where {3} may be. Nothing was written.':
    '{0} von {1} besteht den Selbsttest nicht: Seine Merkmale weichen bis zu {2} ab, erlaubt sind {3}.',
  "`weights`: the format '{0}' has its weights as float32, which is all that its readers take.":
    'Das Format „{0}“ hat seine Gewichte in float32; anderes lesen seine Programme nicht.',
};

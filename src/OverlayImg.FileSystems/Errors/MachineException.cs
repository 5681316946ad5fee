namespace OverlayImg.FileSystems.Errors;

/// <summary>The machine can't do it: a program or library is missing, a disk is full, a permission is lacking (exit code 4).</summary>
public class MachineException(string what, Exception? innerException = null) : OverlayImgException(what, innerException);

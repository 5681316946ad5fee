namespace OverlayImg.FileSystems.Errors;

/// <summary>The machine lacks something: a program, a library, disk space or a permission (exit code 4).</summary>
public class MachineException(string what, Exception? innerException = null) : OverlayImgException(what, innerException);

using OverlayImg.Layers.Checks;
using OverlayImg.Sandbox.Errors;
using OverlayImg.Sandbox.Jobs;

namespace OverlayImg.Cli.Exits;

/// <summary>The exit codes of the tool. Scripts rely on them, so their meaning never changes.</summary>
internal static class ExitCodes
{
    public const int Done = 0;
    public const int Bug = 1;
    public const int Usage = 2;
    public const int Input = 3;
    public const int Machine = 4;
    public const int Script = 5;
    public const int Timeout = 6;

    /// <summary>
    /// The exit code of <c>diff --exit-code</c> for images that differ. Other tools use 1, which means a bug of the tool here.
    /// </summary>
    public const int Different = 7;
    public const int Interrupted = 130;
    public const int Terminated = 143;
    public const int HungUp = 129;

    /// <summary>The code of a program that SIGPIPE ended (128 + 13), which shells expect of <c>overlayimg ... | head</c>.</summary>
    public const int ClosedPipe = 141;

    /// <summary>The exit code of an error that the user can act on.</summary>
    public static int Of(OverlayImgException exception) => exception switch
    {
        InputException => Input,
        ScriptException or IrreproducibleException => Script,
        GuestTimeoutException => Timeout,
        ClosedPipeException => ClosedPipe,
        _ => Machine,
    };
}

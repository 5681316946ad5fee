using OverlayImg.Layers.Checks;
using OverlayImg.Sandbox.Errors;
using OverlayImg.Sandbox.Jobs;

namespace OverlayImg.Cli.Exits;

/// <summary>What the tool's exit code tells a script; part of the contract with users.</summary>
internal static class ExitCodes
{
    public const int Done = 0;
    public const int Bug = 1;
    public const int Usage = 2;
    public const int Input = 3;
    public const int Machine = 4;
    public const int Script = 5;
    public const int Timeout = 6;

    /// <summary>Not an error: the answer of <c>diff --exit-code</c>. Not 1 as with other tools, because 1 says that the tool has a bug.</summary>
    public const int Different = 7;
    public const int Interrupted = 130;
    public const int Terminated = 143;
    public const int HungUp = 129;

    /// <summary>As of a program that SIGPIPE ended (128 + 13): what shells expect of <c>overlayimg ... | head</c>.</summary>
    public const int ClosedPipe = 141;

    /// <summary>The code of an error that the user can act on.</summary>
    public static int Of(OverlayImgException exception) => exception switch
    {
        InputException => Input,
        ScriptException or IrreproducibleException => Script,
        GuestTimeoutException => Timeout,
        ClosedPipeException => ClosedPipe,
        _ => Machine,
    };
}

